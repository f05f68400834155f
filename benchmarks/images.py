"""Change images: 200 photos of 12 megapixels made fit for the web; one process.

    python benchmarks/images.py [PHOTOS]

The whole job: the archive is read, each image decoded, turned, made smaller and written, and accounted for. One line
for each way: images a second, and the most memory that the process had.
"""

import io
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.job_types.desk import Desk
from webapp.jobs.run import run_claim

SIZE = (4000, 3000)
DIFFERENT = 10
WAYS: dict[str, dict[str, Any]] = {
    "JPEG, 1600 pixels": {"resize": "fit", "width": 1600, "height": 1600},
    "WebP, 1600 pixels": {"resize": "fit", "width": 1600, "height": 1600, "format": "webp"},
    "JPEG, as large as it was": {"format": "jpeg"},
}


def photo(number: int) -> bytes:
    """A gradient with the noise of a sensor."""
    noise = [Image.effect_noise(SIZE, 12 + number) for _ in range(3)]
    ramp = Image.linear_gradient("L").rotate(36 * number).resize(SIZE)
    out = io.BytesIO()
    Image.merge("RGB", [Image.blend(ramp, each, 0.25) for each in noise]).save(out, "JPEG", quality=90)
    return out.getvalue()


def main(count: int) -> None:
    """Measure each way."""
    with tempfile.TemporaryDirectory() as folder:
        archive, desk = Path(folder, "photos.zip"), Desk(Path(folder, "desk"))
        with zipfile.ZipFile(archive, "w") as file:
            photos = [photo(number) for number in range(DIFFERENT)]
            for number in range(count):
                file.writestr(f"{number}.jpg", photos[number % DIFFERENT])
        for way, params in WAYS.items():
            desk.submit("images", archive, **params)
            began, used = time.monotonic(), time.process_time()
            run_claim(desk.claim())
            took, used = time.monotonic() - began, time.process_time() - used
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(f"{way}: {count / took:.1f} images/s, {count / used:.1f} a second of CPU, {memory:.0f} MB")
        desk.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
