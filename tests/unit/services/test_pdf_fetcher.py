"""A print reaches nothing outside the project (trap 9): tried with a server that listens."""

import base64
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from panel.services.prints.pdf_fetcher import ASSETS, AssetFetcher, ForbiddenAddress, write_pdf


def png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (10, 10), "red").save(target, "PNG")
    return target.getvalue()


PICTURE = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder of assets with a picture, a style and a link that leads out; secrets lie beside it."""
    folder = tmp_path / "static"
    (folder / "img").mkdir(parents=True)
    (folder / "img" / "印章.png").write_bytes(png())
    (folder / "print.css").write_text("body { background: url('img/印章.png') }")
    (tmp_path / "static-secret").mkdir()
    (tmp_path / "static-secret" / "secret.png").write_bytes(png())
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "leads-out.png").symlink_to(tmp_path / "secret.png")
    return folder


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on loopback, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(png())

        def log_message(self, *args: object) -> None:
            """Nothing is written to the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def pictures(pdf: bytes) -> int:
    """How many pictures a PDF holds, also in patterns and annotations."""
    reader = PdfReader(io.BytesIO(pdf))
    ids = [*reader.xref.get(0, {}), *reader.xref_objStm]
    found = [reader.get_object(number) for number in ids if number]
    return sum(isinstance(item, DictionaryObject) and item.get("/Subtype") == "/Image" for item in found)


def test_pictures_come_from_data_addresses_and_from_the_assets(assets: Path) -> None:
    assert pictures(write_pdf(f"<img src='{PICTURE}'>", assets=[assets])) == 1
    assert pictures(write_pdf("<img src='img/印章.png'>", assets=[assets])) == 1
    assert pictures(write_pdf(f"<img src='{(assets / 'img' / '印章.png').as_uri()}'>", assets=[assets])) == 1
    assert pictures(write_pdf("<link rel=stylesheet href='print.css'>x", assets=[assets])) == 1
    assert (
        pictures(write_pdf("x", stylesheets=["p, body {background: url(img/印章.png)}"], assets=[assets]))
        == 1
    )


def test_the_projects_assets_are_its_static_folder() -> None:
    assert ASSETS.parts[-2:] == ("panel", "static")


MARKUP = [
    "<img src='{address}'>",
    "<img srcset='{address} 2x' src='{address}'>",
    "<link rel=stylesheet href='{address}'>x",
    "<style>@import url('{address}');</style>x",
    "<style>body {{ background-image: url('{address}') }}</style>x",
    "<style>@font-face {{ font-family: f; src: url('{address}') }} body {{ font-family: f }}</style>x",
    "<style>p::before {{ content: url('{address}') }}</style><p>x",
    "<object data='{address}'></object>",
    "<embed src='{address}'>",
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='{address}' width=9 height=9/></svg>",
    "<link rel=attachment href='{address}'>x",
    "<a rel=attachment href='{address}'>x</a>",
    "<base href='{address}/'><img src='deeper.png'>",
]


@pytest.mark.parametrize("markup", MARKUP)
def test_no_markup_makes_a_print_ask_a_server(
    markup: str, listener: tuple[str, list[str]], assets: Path
) -> None:
    address, asked = listener
    pdf = write_pdf(markup.format(address=address + "/x.png"), assets=[assets])
    assert asked == []
    assert pictures(pdf) == 0


@pytest.mark.parametrize("markup", MARKUP)
def test_no_markup_puts_a_file_from_outside_the_assets_into_a_print(markup: str, assets: Path) -> None:
    address = (assets.parent / "secret.png").as_uri()
    pdf = write_pdf(markup.format(address=address), assets=[assets])
    assert pictures(pdf) == 0
    assert PdfReader(io.BytesIO(pdf)).attachments == {}


def test_the_listener_would_notice(listener: tuple[str, list[str]]) -> None:
    from weasyprint import HTML

    address, asked = listener
    assert pictures(HTML(string=f"<img src='{address}/x.png'>").write_pdf()) == 1
    assert asked == ["/x.png"]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file://{parent}/secret.png",
        "file://{assets}/../secret.png",
        "file://{assets}/%2e%2e/secret.png",
        "file://{assets}/img/..%2f..%2fsecret.png",
        "file://{parent}/static-secret/secret.png",
        "file://{assets}/leads-out.png",
        "file://server{assets}/img/印章.png",
        "FILE:///etc/passwd",
        "file:etc/passwd",
        "http://127.0.0.1/",
        "https://example.edu.cn/x.png",
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "img/印章.png",
        "",
        "data:text/html,<script>alert(1)</script>",
        "data:text/plain,secret",
        "data:application/pdf;base64,AAAA",
        "data:,x",
    ],
)
def test_an_address_that_is_no_asset_is_forbidden(address: str, assets: Path) -> None:
    address = address.format(parent=assets.parent, assets=assets)
    with pytest.raises(ForbiddenAddress):
        AssetFetcher([assets]).fetch(address)


def test_a_missing_asset_is_an_error_of_its_own(assets: Path) -> None:
    with pytest.raises(FileNotFoundError):
        AssetFetcher([assets]).fetch((assets / "missing.png").as_uri())


def test_a_drawing_in_a_data_address_cannot_name_a_file_outside(assets: Path) -> None:
    secret = (assets.parent / "secret.png").as_uri()
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'>"
        f"<image href='{secret}' width='10' height='10'/></svg>"
    )
    address = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    assert pictures(write_pdf(f"<img src='{address}'>", assets=[assets])) == 0


@pytest.mark.parametrize("address", [PICTURE, "img/印章.png", "data:text/plain,secret"])
@pytest.mark.parametrize(
    "markup", ["<link rel=attachment href='{address}'>x", "<p><a rel=attachment href='{address}'>x</a>"]
)
def test_even_an_allowed_address_is_never_attached(markup: str, address: str, assets: Path) -> None:
    pdf = write_pdf(markup.format(address=address), assets=[assets])
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.attachments == {}
    assert "/Annots" not in reader.pages[0]
    assert b"/EmbeddedFile" not in pdf


def test_a_caller_cannot_attach_either(assets: Path) -> None:
    with pytest.raises(ForbiddenAddress):
        write_pdf("x", assets=[assets], attachments=[io.BytesIO(b"x")])


def test_options_reach_the_writer(assets: Path) -> None:
    pdf = write_pdf("<html lang=zh><title>评审表</title>x", assets=[assets], pdf_variant="pdf/a-2b")
    reader = PdfReader(io.BytesIO(pdf))
    assert b"pdfaid:part" in reader.root_object["/Metadata"].get_data()
    assert reader.metadata.title == "评审表"
