"""Which passwords will do: long enough, and not among those that are tried first."""

import re
import unicodedata

from gis.errors import AccountError

SHORTEST, LONGEST = 10, 200
FEWEST_LETTERS = 5
"""So many different letters and digits a password has at least."""

COMMON = """
    abc abcd abcabc abcdef abcdefgh access admin administrator adminadmin administration aloha amanda andrea angel anhyeuem
    anhyeu anhnhoem asdf asdfasdf asdfgh asdfghjkl ashley azerty baobao baby bailey baseball basketball batman biettinhdoi
    biet binhminh buon buonme capnhat changeme changethis charlie chelsea chocolate chuyen computer congan conyeu congvan
    dacbiet daklak dakha dakto danang default dragon duyen emyeuanh football forever freedom gialai giadinh gmail google guest
    hanoi hello helloworld hello hoanghon hochiminh hoang hoilamgi huyen iloveyou internet jennifer jessica jordan khongbiet
    khongcogi khongco kontum langmap lamdong letmein letmeinnow liverpool login lovely loveyou maimaiyeuem master matkhau
    matkhaumoi matkhaukho matkhaudai michael michelle mincoi mtcuocsong mustang mypassword nhatrang nicole ninja nongthon nongthonmoi
    newpassword ngaymoi nguyen nguyenvan nguyenthi oneone pass passpass passwd password passwordpassword passphrase phanmem
    pleiku princess private qazwsx qazwsxedc qwer qwert qwerty qwertyqwerty qwertyuiop quangngai saigon samsung secret
    secretsecret security server shadow shopping snoopy soleil starwars summer sunshine superman support system taikhoan teamo
    temp temppassword temporary test testing testtest thanhpho thaydoi thaison thuong tieuchi tinhyeu tinkerbell toiyeuem
    toiyeuvietnam toiladan toor trustno trustnoone tuyet ubnd ubndxa ubndtinh unknown user username vietnam vietnamvodich welcome
    welcomeback whatever winter xinchao xincam yeuem yeuanh yeuemnhieu yeuthuong zxcvbn zxcvbnm zxcvb
"""
"""What people choose first, without marks on letters; a password must not be one of these with digits around it."""

RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Rows of the keyboard and of the alphabet, forwards or backwards."""

LEET = str.maketrans("013457@$!", "oieastasi")


def check_password(name, password):
    """Say why a password will not do; nothing where it will.

    There is no rule about which kinds of letters it has: what counts is that it is long and nobody's first guess.

    Parameters
    ----------
    name : str
        Of the account.
    password : str

    Raises
    ------
    AccountError
        ``accounts-short`` with fewer than 10 or more than 200 letters; ``accounts-named`` where it is the name;
        ``accounts-easy`` where it is common, repeats itself, or runs along the keyboard or the digits.

    Examples
    --------
    >>> check_password("Y Lan", "ba con trâu qua suối")
    >>> check_password("Y Lan", "matkhau2026")
    Traceback (most recent call last):
    gis.errors.AccountError: This password is easily guessed; use a longer phrase that is not the name and not digits alone.
    """
    text = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise AccountError("accounts-short", least=SHORTEST, most=LONGEST)
    bare, letters, own = _bare(text), _letters(text), _letters(name)
    if letters and own and not letters.replace(own, ""):
        raise AccountError("accounts-named")
    swapped = _letters(re.sub(r"[\W\d_]+$", "", text).translate(LEET))
    guessed = {letters, swapped} & set(COMMON.split())
    if not letters or guessed or len(set(bare)) < FEWEST_LETTERS or _repeats(bare) or _runs(bare):
        raise AccountError("accounts-easy")


def _bare(text):
    """The letters and digits of a text, small and without marks."""
    apart = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in apart if letter.isalnum())


def _letters(text):
    return "".join(letter for letter in _bare(text) if letter.isalpha())


def _repeats(bare):
    """Whether a text is one short piece again and again."""
    return bool(re.fullmatch(r"(.{1,8}?)\1+.{0,2}", bare))


def _runs(bare):
    """Whether most of a text runs along the alphabet, the digits or a row of keys."""
    rows = [*RUNS, *(row[::-1] for row in RUNS)]
    pieces = {bare[at : at + 4] for at in range(len(bare) - 3)}
    along = sum(any(piece in row for row in rows) for piece in pieces)
    return along >= max(2, (len(pieces) + 1) // 2)
