"""The coordinate systems that Vietnamese files come in, and the provinces that used each before July 2025."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    """One projected system of VN-2000: EPSG code, central meridian in degrees, who used it."""

    epsg: int
    meridian: float
    kind: str
    provinces: tuple = ()

    @property
    def name(self):
        """Such as ``VN-2000 / TM-3 107°30'``."""
        degrees, minutes = divmod(round(self.meridian * 60), 60)
        return f"VN-2000 / {self.kind} {degrees}°{minutes:02d}'"


PROVINCIAL = (
    Zone(9205, 103.0, "TM-3", ("Điện Biên", "Lai Châu")),
    Zone(9206, 104.0, "TM-3", ("Sơn La",)),
    Zone(9207, 104.5, "TM-3", ("Cà Mau", "Kiên Giang")),
    Zone(9208, 104.75, "TM-3", ("An Giang", "Lào Cai", "Nghệ An", "Phú Thọ", "Yên Bái")),
    Zone(
        5897, 105.0, "TM-3",
        ("Hà Nội", "Hà Nam", "Hà Tây", "Ninh Bình", "Thanh Hóa", "Vĩnh Phúc", "Cần Thơ", "Bạc Liêu", "Đồng Tháp",
         "Hậu Giang"),
    ),
    Zone(
        9209, 105.5, "TM-3",
        ("Bắc Ninh", "Hà Giang", "Hà Tĩnh", "Hải Dương", "Hưng Yên", "Nam Định", "Thái Bình", "Sóc Trăng",
         "Tây Ninh", "Trà Vinh", "Vĩnh Long"),
    ),
    Zone(
        9210, 105.75, "TM-3",
        ("Hải Phòng", "Cao Bằng", "TP. Hồ Chí Minh", "Bến Tre", "Bình Dương", "Long An", "Tiền Giang"),
    ),
    Zone(9211, 106.0, "TM-3", ("Hòa Bình", "Quảng Bình", "Tuyên Quang")),
    Zone(9212, 106.25, "TM-3", ("Bình Phước", "Quảng Trị")),
    Zone(9213, 106.5, "TM-3", ("Bắc Kạn", "Thái Nguyên")),
    Zone(9214, 107.0, "TM-3", ("Bắc Giang", "Thừa Thiên Huế")),
    Zone(9215, 107.25, "TM-3", ("Lạng Sơn",)),
    Zone(9216, 107.5, "TM-3", ("Kon Tum",)),
    Zone(
        5899, 107.75, "TM-3",
        ("Quảng Ninh", "Đà Nẵng", "Quảng Nam", "Bà Rịa-Vũng Tàu", "Đồng Nai", "Lâm Đồng"),
    ),
    Zone(5898, 108.0, "TM-3", ("Quảng Ngãi",)),
    Zone(9217, 108.25, "TM-3", ("Bình Định", "Khánh Hòa", "Ninh Thuận")),
    Zone(9218, 108.5, "TM-3", ("Bình Thuận", "Đắk Lắk", "Đắk Nông", "Gia Lai", "Phú Yên")),
)  # fmt: skip
"""By central meridian; codes, meridians and provinces as in the EPSG registry."""

OTHERS = (
    Zone(5896, 102.0, "TM-3"),
    Zone(3405, 105.0, "UTM 48N"),
    Zone(3406, 111.0, "UTM 49N"),
)
"""The zone of 102° that no province took, and the two zones of 6 degrees."""

VN2000_TM3 = {zone.meridian: zone.epsg for zone in PROVINCIAL}
"""Central meridian of the provincial 3-degree zones to EPSG code."""

VN2000_DEGREES = 4756
WEB_MERCATOR = 3857
