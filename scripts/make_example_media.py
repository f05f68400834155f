"""Make the example of *Change images*: four small pictures, and a file that is none."""

import io
import math
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw

TARGET = Path(__file__).resolve().parents[1] / "webapp" / "job_types" / "examples" / "images.zip"
DAY = (1980, 1, 1, 0, 0, 0)
SKIES = {
    "summer/morning.jpg": ((255, 214, 170), (120, 170, 220)),
    "summer/noon.jpg": ((150, 205, 255), (60, 130, 220)),
    "summer/evening.jpg": ((255, 150, 90), (90, 60, 130)),
    "night.png": ((30, 40, 90), (5, 8, 30)),
}
SIZE = (420, 280)
SUN = 24


def sky(low: tuple[int, int, int], high: tuple[int, int, int], turn: float) -> Image.Image:
    """Hills below a sky that goes from one colour to another."""
    ramp = Image.linear_gradient("L").resize(SIZE)
    image = Image.composite(Image.new("RGB", SIZE, low), Image.new("RGB", SIZE, high), ramp)
    draw = ImageDraw.Draw(image)
    x, y = SIZE[0] * (0.2 + 0.6 * turn), SIZE[1] * (0.5 - 0.3 * math.sin(math.pi * turn))
    draw.ellipse((x - SUN, y - SUN, x + SUN, y + SUN), fill=(255, 244, 200))
    for number, shade in enumerate((0.55, 0.35)):
        hills = [
            (at, SIZE[1] * (0.72 + 0.12 * number) + 22 * math.sin(at / 70 + 2 * number))
            for at in range(0, SIZE[0] + 1, 6)
        ]
        draw.polygon([(0, SIZE[1]), *hills, SIZE], fill=tuple(int(shade * each) for each in low))
    return image


def main() -> None:
    """Write the archive; the same bytes each time."""
    TARGET.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, colours) in enumerate(SKIES.items()):
            out = io.BytesIO()
            image = sky(*colours, number / 3)
            if name.endswith(".png"):
                image.quantize(16).save(out, "PNG", optimize=True)
            else:
                image.save(out, "JPEG", quality=45)
            archive.writestr(zipfile.ZipInfo(name, DAY), out.getvalue())
        archive.writestr(zipfile.ZipInfo("summer/read me.txt", DAY), b"The photos of the summer. This is no photo.\n")


if __name__ == "__main__":
    main()
