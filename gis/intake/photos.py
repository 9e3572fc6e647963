"""Photos, in the child: when and where they say they were taken, and a small picture made anew of each."""

import datetime
import io
import math

from PIL import Image

from gis.errors import IntakeError

FORMATS = {"jpg": "JPEG", "png": "PNG"}
PREVIEW_FILE = "preview.jpg"
PREVIEW_BYTES = 60_000
SIDES_PX = (800, 560, 400, 280)
QUALITIES = (80, 65, 50, 35)
EARLIEST, LATEST = 1990, 2100
"""Years in which a digital photo may have been taken; a camera whose clock was never set says 1970 or 1980."""

ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825
TAKEN, DIGITISED = 0x9003, 0x9004
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE, ERROR_M = 1, 2, 3, 4, 31
"""Tags of EXIF 2.32, tables 4, 8 and 15."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read(path, kind, folder, limits):
    """Size, time and place of a photo, and its small picture in ``preview.jpg``.

    Returns
    -------
    about : dict
        ``width``, ``height`` (pixels, as stored), ``taken`` (ISO text without a zone, as the camera's clock
        said), ``lon``, ``lat`` (degrees, WGS 84), ``accuracy_m``; None where the photo does not say or what it
        says cannot be.
    notes : list of str
        Codes: ``attachment-exif-broken``, ``attachment-place-absurd``, ``attachment-place-zero``,
        ``attachment-time-absurd``.

    Raises
    ------
    IntakeError
        If the picture is damaged or has more pixels than the limit.
    """
    # Pillow's own limit only warns; ours is checked before anything is unpacked.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=(FORMATS[kind],)) as image:
            width, height = image.size
            if width * height > limits.reader_pixels:
                raise IntakeError(
                    "attachment-pixels", file=path.name, pixels=width * height, limit=limits.reader_pixels
                )
            told, notes = _told(image)
            _write_preview(image, told.pop("orientation"), folder / PREVIEW_FILE)
    except IntakeError:
        raise
    except (OSError, SyntaxError, ValueError, ArithmeticError, TypeError, LookupError):
        raise IntakeError("attachment-damaged", file=path.name) from None
    return {"width": width, "height": height, **told}, notes


def _told(image):
    told = {"orientation": 1, "taken": None, "lon": None, "lat": None, "accuracy_m": None}
    try:
        tags = image.getexif()
        own, place = dict(tags.get_ifd(EXIF)), dict(tags.get_ifd(GPS))
        turned = tags.get(ORIENTATION, 1)
    except Exception:
        # A photo with a broken header is a photo; Pillow fails on such in many ways.
        return told, ["attachment-exif-broken"]
    if isinstance(turned, int) and turned in TURNS:
        told["orientation"] = turned
    notes = []
    told["taken"], note = moment(own.get(TAKEN) or own.get(DIGITISED))
    notes += note
    (told["lon"], told["lat"]), note = position(place)
    notes += note
    error = _number(place.get(ERROR_M))
    if told["lon"] is not None and error is not None and 0 < error < 100_000:
        told["accuracy_m"] = round(error, 1)
    return told, notes


def moment(written):
    """A time as EXIF writes it, as ISO text, and the codes of what is wrong with it."""
    if written is None:
        return None, []
    try:
        found = datetime.datetime.strptime(str(written).strip(" \0"), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        # cameras without a clock write spaces or zeros
        return None, ["attachment-time-absurd"] if any(c in "123456789" for c in str(written)) else []
    if not EARLIEST <= found.year <= LATEST:
        return None, ["attachment-time-absurd"]
    return found.isoformat(), []


def position(tags):
    """Longitude and latitude from the tags of GPS, and the codes of what is wrong with them."""
    if LATITUDE not in tags and LONGITUDE not in tags:
        return (None, None), []
    lat = _degrees(tags.get(LATITUDE), tags.get(LATITUDE_REF), {"N": 1, "S": -1}, 90)
    lon = _degrees(tags.get(LONGITUDE), tags.get(LONGITUDE_REF), {"E": 1, "W": -1}, 180)
    if lat is None or lon is None:
        return (None, None), ["attachment-place-absurd"]
    if lat == 0 and lon == 0:
        # What a phone writes that has not found itself; no village lies in the Gulf of Guinea.
        return (None, None), ["attachment-place-zero"]
    return (round(lon, 6), round(lat, 6)), []


def _degrees(parts, side, sides, most):
    side = side.decode("ascii", "replace") if isinstance(side, bytes) else side
    sign = sides.get(str(side or "").strip(" \0").upper())
    if sign is None or not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [_number(part) for part in parts]
    if None in numbers or min(numbers) < 0 or numbers[1] >= 60 or numbers[2] >= 60:
        return None
    value = numbers[0] + numbers[1] / 60 + numbers[2] / 3600
    return sign * value if value <= most else None


def _number(value):
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _write_preview(image, orientation, path):
    """A JPEG of at most 60 kB that holds the picture, upright, and nothing else of the file."""
    side = SIDES_PX[0]
    # A JPEG is decoded at an eighth of its size where that is enough.
    image.draft("RGB", (2 * side, 2 * side))
    image.load()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image.thumbnail((side, side))
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen.getchannel("A"))
    else:
        image.thumbnail((side, side))
        image = image.convert("RGB")
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    for side in SIDES_PX:
        image.thumbnail((side, side))
        for quality in QUALITIES:
            buffer = io.BytesIO()
            # Without the header and the colour profile of the original.
            Image.frombytes("RGB", image.size, image.tobytes()).save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= PREVIEW_BYTES:
                path.write_bytes(buffer.getvalue())
                return
    raise ValueError("no small picture")
