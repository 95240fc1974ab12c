"""Documents under attack: what is no plain picture or passive PDF is refused or made plain."""

import io
import zipfile

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from rongqiao.lending.origination.intake.content import BYTES_MOST, BadContent, inspect
from tests.makers.journeys import picture

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(pages=1, change=lambda writer: None):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "0" * 100_000)
    return out.getvalue()


def bomb():
    """A PNG of 50 megapixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(out, "PNG")
    return out.getvalue()


def opens_script(writer):
    action = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )
    writer.root_object[NameObject("/OpenAction")] = action


def attaches(writer):
    writer.add_attachment("a.exe", b"MZ")


def launches(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )
    writer.root_object[NameObject("/OpenAction")] = action


def launches_from_afar(writer):
    """The word for what the action is stands in an object of its own."""
    launch = writer._add_object(NameObject("/Launch"))
    action = DictionaryObject({NameObject("/S"): launch, NameObject("/F"): TextStringObject("x")})
    writer.root_object[NameObject("/OpenAction")] = action


def acts_in_a_parent(writer):
    """A field that only what is drawn of it names, as the one it belongs to."""
    action = DictionaryObject({NameObject("/K"): DictionaryObject()})
    field = writer._add_object(DictionaryObject({NameObject("/AA"): action}))
    drawn = DictionaryObject({NameObject("/Parent"): field})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(drawn)])


def opens_elsewhere(writer):
    place = TextStringObject("\\\\evil.example\\share\\a.pdf")
    action = DictionaryObject({NameObject("/S"): NameObject("/GoToR"), NameObject("/F"): place})
    writer.root_object[NameObject("/OpenAction")] = action


def lies_elsewhere(writer):
    stream = StreamObject()
    stream.set_data(b"")
    stream[NameObject("/F")] = TextStringObject("\\\\evil.example\\share\\a")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)


REFUSED = [
    ("empty", b"", "a.jpg"),
    ("malware", EICAR, "a.pdf"),
    ("malware", picture() + EICAR, "a.jpg"),
    ("not-what-it-says", b"<html><script>alert(1)</script></html>", "photo.jpg"),
    ("not-what-it-says", b"<svg xmlns='x'><script/></svg>", "photo.png"),
    ("not-what-it-says", archive(), "a.pdf"),
    ("not-what-it-says", picture("PNG"), "a.jpg"),
    ("not-what-it-says", b"GIF89a" + picture(), "a.jpg"),
    ("type-not-taken", b"<svg/>", "a.svg"),
    ("type-not-taken", archive(), "a.zip"),
    ("type-not-taken", archive(), "report.docm"),
    ("type-not-taken", b"MZ", "a.jpg.exe"),
    ("type-not-taken", picture(), "noending"),
    ("bad-name", picture(), "../../etc/x.jpg"),
    ("bad-name", picture(), "a/b.jpg"),
    ("bad-name", picture(), "a\\b.jpg"),
    ("bad-name", picture(), "a\x00.jpg"),
    ("bad-name", picture(), "evil\u202egpj.jpg"),
    ("bad-name", picture(), ""),
    ("bad-name", picture(), "x" * 300 + ".jpg"),
    ("unreadable", picture()[:60], "a.jpg"),
    ("unreadable", b"\xff\xd8\xff" + b"\x00" * 500, "a.jpg"),
    ("unreadable", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a.png"),
    ("too-many-pixels", bomb(), "a.png"),
    ("two-files-in-one", pdf() + archive(), "a.pdf"),
    ("two-files-in-one", pdf() + b"<script>alert(1)</script>", "a.pdf"),
    ("two-files-in-one", b"%PDF-1.7 and nothing more", "a.pdf"),
    ("unreadable", b"%PDF-1.7\ngarbage\n%%EOF", "a.pdf"),
    ("active-content", pdf(change=opens_script), "a.pdf"),
    ("active-content", pdf(change=attaches), "a.pdf"),
    ("active-content", pdf(change=launches), "a.pdf"),
    ("active-content", pdf(change=launches_from_afar), "a.pdf"),
    ("active-content", pdf(change=acts_in_a_parent), "a.pdf"),
    ("active-content", pdf(change=opens_elsewhere), "a.pdf"),
    ("active-content", pdf(change=lies_elsewhere), "a.pdf"),
    ("encrypted", pdf(change=lambda writer: writer.encrypt("secret")), "a.pdf"),
    ("too-many-pages", pdf(pages=61), "a.pdf"),
]


@pytest.mark.parametrize(
    ("reason", "content", "name"), REFUSED, ids=[f"{r}-{n[:20]!r}" for r, _, n in REFUSED]
)
def test_an_attack_is_refused_by_name(reason, content, name):
    with pytest.raises(BadContent) as refused:
        inspect(content, name)
    assert refused.value.reason == reason
    assert refused.value.allowed


def test_twenty_megabytes_and_a_byte_are_too_many():
    with pytest.raises(BadContent) as refused:
        inspect(picture() + b"\0" * (BYTES_MOST + 1), "a.jpg")
    assert refused.value.reason == "too-large"


@pytest.mark.parametrize(
    ("form", "name"), [("JPEG", "id.JPG"), ("PNG", "id.png"), ("JPEG", "身份证.jpeg")]
)
def test_a_picture_is_drawn_anew(form, name):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    found = inspect(picture(form, exif=exif) + (b"<script>" if form == "JPEG" else b""), name)
    assert found.pages == 1
    assert b"SECRET-PLACE" not in found.content
    assert b"<script>" not in found.content
    with Image.open(io.BytesIO(found.content)) as again:
        assert (again.format, again.size, dict(again.getexif())) == (form, (64, 48), {})


def test_a_picture_lying_on_its_side_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(inspect(picture(exif=exif), "a.jpg").content)) as again:
        assert again.size == (48, 64)


def test_a_plain_pdf_is_kept_as_it_is():
    content = pdf(pages=3)
    found = inspect(content, "statement.pdf")
    assert (found.content, found.media_type, found.pages) == (content, "application/pdf", 3)
    assert len(PdfReader(io.BytesIO(found.content)).pages) == 3
