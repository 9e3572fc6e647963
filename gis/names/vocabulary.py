"""Words that village and commune names are made of: what kind of place, which of several, how many."""

KINDS = {
    "tổ dân phố": "to", "khu dân cư": "khu", "điểm dân cư": "khu", "khu phố": "khu", "khối phố": "khoi",
    "thị trấn": "thi tran", "thành phố": "thanh pho", "thị xã": "thi xa", "đặc khu": "dac khu",
    "tiểu khu": "tieu khu", "thôn": "thon", "làng": "lang", "bản": "ban", "buôn": "buon", "bon": "buon",
    "ấp": "ap", "xóm": "xom", "khóm": "khom", "sóc": "soc", "khối": "khoi", "khu": "khu", "tổ": "to",
    "xã": "xa", "phường": "phuong", "huyện": "huyen", "quận": "quan", "tỉnh": "tinh",
}  # fmt: skip
"""What a place is called by those who govern it; longer words first, for `khu phố` is no `khu`."""

SHORT_KINDS = {
    "tdp": "to", "kp": "khu", "kdc": "khu", "tt": "thi tran", "ttr": "thi tran", "tp": "thanh pho", "tx": "thi xa",
    "t": "thon", "l": "lang", "b": "ban", "p": "phuong", "x": "xa", "h": "huyen", "q": "quan",
}  # fmt: skip
"""Abbreviations; one of a single letter needs a dot or a number behind it."""

NATIVE = {
    "plei": "plei", "pley": "plei", "play": "plei", "ploi": "plei", "polei": "plei", "polay": "plei",
    "kon": "kon",
}  # fmt: skip
"""What a village is called by those who live there; most write it as part of the name."""

SAME = {"dak": "đăk", "dac": "đăk", "daak": "đăk", "ngok": "ngok", "ngoc": "ngok"}
"""Words that offices spell in several ways (Đăk, Đắk, Đak, Đắc; Ngọc, Ngọk, Ngok), with one way for all."""

GENERIC = frozenset({"dak", "ia", "ya", "ea", "ngok", "mang", "chu", "cu", "po", "sa"})
"""First words (water, mountain) that so many names share that they do not tell one from another."""

_MARKS = "bac nam dong tay thuong ha tren duoi moi cu trong ngoai giua trung lon nho dau cuoi"
MARKS = frozenset(_MARKS.split())
"""Last words that tell two parts of one place apart."""

DIGITS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9,
}  # fmt: skip
TEN, TENS = "mười", "mươi"

OTHERWISE = frozenset({"nam", "tu", "lam", "bon"})
"""Written numbers that without tones are as likely another word: Năm and Nam, tư and Tú."""

_COMMON = (
    "an anh ba bac bai ban bao be binh bo buu cam can cao cau chau chi chien chinh chung cong cuong da dac dai dan "
    "dang dao dat diem dien dinh do doan doc doi dong du duc dung duong ga gia giang giao gieng hai ham hang hanh "
    "hao hau hiep hieu hoa hoai hoan hoang hoi hong hop hung huong huu huyen ich kenh ket khanh khe kien kim ky la "
    "lac lai lam lan lang lap le lien linh loan loc loi long lu luc luong ly mai man manh may minh mo moc my nam "
    "nga nghia nghiep ngoc nguyen nha nhan nhat nho nhon nhung ninh nong nui nuoc on phat phong phu phuc phung "
    "phuoc phuong quan quang que quy quyen quyet sam san sang sao sau sen son song suoi ta tai tam tan tao tay thac "
    "thach thai tham thang thanh thao thi thien thinh tho thoi thon thong thu thuan thuong thuy tich tien tin tinh "
    "to toan tra trach tran tri trieu trinh trong tru truc trung truong tu tuan tung tuong tuyen van vang vi vien "
    "viet vinh vu vuon vuong xuan xuyen yen "
)
COMMON = frozenset(_COMMON.split())
"""Words of settlers' names: one letter turns one into another, so that both may be right as written."""
