"""The words of the spreadsheet form: sheets, columns and values as a Vietnamese office writes them."""

import re
import unicodedata

FACTS, GROUPS, CRITERIA, BANDS, LOGIC = "Bộ tiêu chí", "Nhóm", "Tiêu chí", "Thang bậc", "Cách gộp"
GROUP_BY, POINTS = "Chọn nhóm", "Thang điểm"
FIGURE, NEARLY = "Chỉ tiêu", "Mức cơ bản đạt"
IN_FORCE, BY_BAND, BOOL = "áp dụng", "theo bậc", "có/không"
YES_NO = ("present", "absent")

SET_FACTS = (
    ("Mã bộ tiêu chí", ("id",)),
    ("Ngày ấn bản", ("edition",)),
    ("Tên bộ tiêu chí", ("label", "vi")),
    ("Tên bộ tiêu chí (tiếng Anh)", ("label", "en")),
    ("Cấp áp dụng", ("level",)),
    ("Cơ quan ban hành", ("issuer",)),
    ("Văn bản", ("legal_ref",)),
    ("Hiệu lực từ ngày", ("valid_from",)),
    ("Hiệu lực đến ngày", ("valid_to",)),
    ("Tình trạng", ("status", "vi")),
    ("Tình trạng (tiếng Anh)", ("status", "en")),
    ("Kiểu bộ tiêu chí", ("polarity",)),
    ("Kết luận khi đạt", ("outcomes", "met", "vi")),
    ("Kết luận khi đạt (tiếng Anh)", ("outcomes", "met", "en")),
    ("Kết luận khi không đạt", ("outcomes", "unmet", "vi")),
    ("Kết luận khi không đạt (tiếng Anh)", ("outcomes", "unmet", "en")),
    ("Phân nhóm theo", ("dimension",)),
    ("Nhóm mặc định", ("default_group",)),
    ("Quy tắc phân nhóm", ("group_rule", "vi")),
    ("Quy tắc phân nhóm (tiếng Anh)", ("group_rule", "en")),
    ("Cách gộp kết quả", ("logic",)),
    ("Điểm đạt", ("scale", "pass")),
    ("Điểm cơ bản đạt", ("scale", "nearly")),
    ("Xác minh thang điểm", ("scale", "verification")),
    ("Người kiểm tra thang điểm", ("scale", "checked", "by")),
    ("Ngày kiểm tra thang điểm", ("scale", "checked", "on")),
    ("Văn bản kiểm tra thang điểm", ("scale", "checked", "document")),
    ("Mục tiêu (% số thôn)", ("target", "share_pct")),
    ("Mục tiêu đến ngày", ("target", "by")),
    ("Mục tiêu tính trên", ("target", "of", "vi")),
    ("Mục tiêu tính trên (tiếng Anh)", ("target", "of", "en")),
    ("Nguồn của mục tiêu", ("target", "source")),
    ("Số liệu dùng tối đa (năm)", ("max_age_years",)),
    ("Ghi chú xác minh", ("verification_note", "vi")),
    ("Ghi chú xác minh (tiếng Anh)", ("verification_note", "en")),
    ("Dựa trên bộ", ("derived_from",)),
)
"""Name of a fact and where it stands in a set file; `scale` stands for the logic of a set judged by points. The
fact `Nguồn` may be repeated."""
SOURCE = "Nguồn"
FACT_COLUMNS = ("Mục", "Giá trị")
GROUP_COLUMNS = ("Mã nhóm", "Tên nhóm", "Tên nhóm (tiếng Anh)")
BAND_COLUMNS = ("Mã tiêu chí", "Nhóm", "Bậc", "Từ", "Đến dưới", "Gồm cả mức trên")
GROUP_BY_COLUMNS = ("Mã nhóm", "Khi")
POINT_COLUMNS = ("Mã tiêu chí", "Kết quả", "Bậc", "Điểm", "Bắt buộc")
LOGIC_COLUMNS = (
    "Cấp",
    "Quy tắc",
    "Cần ít nhất",
    "Hoặc chỉ cần",
    "Khi thuộc tính",
    "So sánh",
    "Giá trị",
    "Mã tiêu chí",
)

COLUMNS = (
    ("TT", None),
    ("Mã tiêu chí", ("id",)),
    ("Số hiệu", ("code",)),
    ("Tiêu chí", ("theme",)),
    ("Nội dung", ("label", "vi")),
    ("Nội dung (tiếng Anh)", ("label", "en")),
    (FIGURE, None),
    (NEARLY, None),
    ("Đơn vị", ("unit",)),
    ("So sánh", ("compare",)),
    ("Vai trò", ("kind",)),
    ("Điều khoản", ("clause",)),
    ("Nguồn", ("source", "ref")),
    ("Địa chỉ nguồn", ("source", "url")),
    ("Xác minh", ("verification",)),
    ("Người kiểm tra", ("checked", "by")),
    ("Ngày kiểm tra", ("checked", "on")),
    ("Văn bản kiểm tra", ("checked", "document")),
    ("Văn bản riêng", ("legal_ref",)),
    ("Quyết định theo", ("decides",)),
    ("Khắc phục bằng", ("fixable_by",)),
    ("Chỉ số đo", ("measured",)),
    ("Số liệu báo cáo", ("reported",)),
    ("Chỉ áp dụng cho", ("applies",)),
    ("Ghi chú", ("note", "vi")),
    ("Ghi chú (tiếng Anh)", ("note", "en")),
)
"""Column and where it stands in a criterion; `Chỉ tiêu` and `Mức cơ bản đạt` are one column a group each."""
OPTIONAL = ("TT", FIGURE, NEARLY, "Văn bản riêng")
"""Columns that a workbook may lack, as those do that were written before there were such."""

LEVEL = {"village": "thôn", "commune": "xã", "household": "hộ", "point": "điểm dân cư"}
POLARITY = {"flag": "đạt chuẩn", "trigger": "xác định khó khăn"}
COMPARE = {
    "ge": "≥",
    "gt": ">",
    "le": "≤",
    "lt": "<",
    "eq": "=",
    "present": "có",
    "absent": "không",
    "band": "khoảng",
}
KIND = {"flag": "bắt buộc", "context": "tham khảo", "trigger": "dấu hiệu khó khăn"}
DECIDES = {"measured": "bản đồ", "reported": "báo cáo", "worse": "cả hai"}
FIXABLE = {"works": "công trình", "programme": "chương trình", "none": "không"}
VERIFIED = {
    "text": "đã đọc văn bản",
    "secondary": "theo báo chí",
    "ocr": "bản quét khó đọc",
    "memory": "theo trí nhớ",
    "unknown": "chưa tìm thấy",
    "placeholder": "mức tạm",
}
THEME = {
    "planning": "quy hoạch",
    "infrastructure": "hạ tầng chung",
    "roads": "giao thông",
    "irrigation": "thủy lợi",
    "disaster": "phòng chống thiên tai",
    "power": "điện",
    "schools": "trường học",
    "culture": "văn hóa",
    "market": "thương mại",
    "post": "bưu chính",
    "telecom": "viễn thông",
    "housing": "nhà ở",
    "poverty": "giảm nghèo",
    "income": "thu nhập",
    "training": "đào tạo",
    "health": "y tế",
    "water": "nước sinh hoạt",
    "sanitation": "vệ sinh",
    "environment": "môi trường",
    "organisation": "tổ chức",
    "security": "an ninh",
    "people": "dân cư",
    "terrain": "địa hình",
}
LOGIC_WORDS = {
    "all": "tất cả",
    "independent": "riêng từng tiêu chí",
    "nested": "theo trang Cách gộp",
    "points": "theo trang Thang điểm",
}
IN = "trong"
"""Sign of a condition that lists values; the others are those of `COMPARE`."""
RESULT = {"met": "đạt", "nearly": "cơ bản đạt", "grades": "bậc"}
RULE = {"all": "tất cả", "any_n": "ít nhất"}
YES = "có"
WORDS = {
    ("level",): LEVEL,
    ("polarity",): POLARITY,
    ("compare",): COMPARE,
    ("kind",): KIND,
    ("decides",): DECIDES,
    ("fixable_by",): FIXABLE,
    ("theme",): THEME,
    ("scale", "verification"): VERIFIED,
}
ALSO = {">=": "ge", "<=": "le", "=>": "ge", "=<": "le"}
DATES = frozenset(
    {
        ("edition",),
        ("valid_from",),
        ("valid_to",),
        ("target", "by"),
        ("checked", "on"),
        ("scale", "checked", "on"),
    }
)
NUMBERS = frozenset({("target", "share_pct"), ("max_age_years",), ("scale", "pass"), ("scale", "nearly")})


def same(text):
    """A heading or word as it is compared: NFC, small letters, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", str(text))).strip().casefold()


def word_of(text, words):
    """The key of a Vietnamese word, of the key itself or of a sign; None when there is none."""
    wanted = same(text)
    for key, word in words.items():
        if wanted in (same(word), key):
            return key
    return ALSO.get(wanted) if ALSO.get(wanted) in words else None
