"""Change images: the built-in job for photos and other pictures, one or an archive of them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from webapp.authoring import Context, Items, job
from webapp.services.images.words import (
    COLOURS_LABELS,
    CROP_LABELS,
    FILTER_LABELS,
    FORMAT_LABELS,
    LONGEST_SIDE,
    METADATA_LABELS,
    RESIZE_LABELS,
    RESULTS_LABELS,
    Colours,
    Crop,
    Filter,
    Format,
    Metadata,
    Resize,
    Results,
    Wanted,
)
from webapp.services.media import lacks, require, sized

IMAGES = (".zip", ".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff")
MEMORY = 2_500_000_000
TIME = 6 * 3600
Side = Annotated[int | None, Field(ge=1, le=LONGEST_SIDE)]


def what_does_not_fit(params: Mapping[str, Any]) -> Mapping[str, str]:
    """What can be said before the job is accepted."""
    if problems := lacks("PIL", "Pillow", "resize"):
        return problems
    resize, sides = params["resize"], [params["width"], params["height"]]
    if resize == "fit" and not any(sides):
        return {"width": "Enter a width, a height or both: the images are to fit into them."}
    if resize in {"fill", "exact"} and not all(sides):
        missing = "width" if not params["width"] else "height"
        return {missing: f"Enter the {missing} too: both are needed for this way of changing the size."}
    if resize == "no" and any(sides):
        return {"resize": "Choose how the size is to change, or leave width and height blank."}
    return {}


@job(
    title="Change images",
    icon="image",
    restart=True,
    accepts=IMAGES,
    example="examples/images.zip",
    check=what_does_not_fit,
    memory_limit=MEMORY,
    time_limit=TIME,
)
def images(  # noqa: D417, PLR0913 (files and ctx are no fields of the form, and each of the others is one)
    files: Items,
    ctx: Context,
    *,
    resize: Annotated[Resize, Field(title="Size", json_schema_extra={"labels": RESIZE_LABELS})] = "no",
    width: Annotated[Side, Field(title="Width")] = None,
    height: Annotated[Side, Field(title="Height")] = None,
    enlarge: Annotated[bool, Field(title="Enlarge small images too")] = False,
    crop: Annotated[Crop, Field(title="Crop to a ratio", json_schema_extra={"labels": CROP_LABELS})] = "no",
    format: Annotated[Format, Field(title="Format", json_schema_extra={"labels": FORMAT_LABELS})] = "same",  # noqa: A002
    quality: Annotated[int, Field(title="Quality", ge=1, le=100)] = 85,
    filters: Annotated[tuple[Filter, ...], Field(title="Filters", json_schema_extra={"labels": FILTER_LABELS})] = (),
    upright: Annotated[bool, Field(title="Turn upright")] = True,
    metadata: Annotated[
        Metadata, Field(title="Date, camera and place", json_schema_extra={"labels": METADATA_LABELS})
    ] = "strip",
    colours: Annotated[Colours, Field(title="Colours", json_schema_extra={"labels": COLOURS_LABELS})] = "srgb",
    contact_sheet: Annotated[bool, Field(title="Make a contact sheet")] = False,
    results: Annotated[Results, Field(title="Hand back", json_schema_extra={"labels": RESULTS_LABELS})] = "zip",
) -> None:
    """Resize, crop, convert and clean photos: a ZIP archive of them, or a single one.

    Each image is worked on by itself: those that are broken, or no images, are listed with the reason, and the others
    are done.

    Of an image with several frames the first is taken. What was read as GIF, BMP or TIFF and should stay as it is
    becomes PNG. Files are told by what is in them, not by their names.

    Args:
        resize: Images are never made larger, unless you tick that below.
        width: In pixels.
        height: In pixels.
        crop: What is over is cut off on both sides alike. Done before the size changes.
        quality: From 1 to 100, for JPEG, WebP and AVIF: 85 is hard to tell from the original.
        upright: As the camera noted that it was held.
        metadata: Photos tell when, with what and where they were taken.
        contact_sheet: Pages with small pictures of all images and their names.
        results: Single files are for at most 100 images; a single image is handed back by itself in any case.
    """
    require("PIL", "Pillow")
    from webapp.services.images.sheet import ContactSheet  # noqa: PLC0415 (Pillow is loaded where it is used)
    from webapp.services.images.store import opened_store  # noqa: PLC0415
    from webapp.services.images.work import make  # noqa: PLC0415

    wanted = Wanted(resize, width, height, enlarge, crop, upright, filters, format, quality, metadata, colours)
    came = went = done = frames = 0
    single = results == "files" or not files.packed
    with opened_store(ctx, files.name, len(files), single=single) as store:
        sheet = ContactSheet(store) if contact_sheet else None
        for each in files:
            ctx.check_cancelled()
            with each.opened() as file:
                made = make(file, wanted)
                if sheet:
                    sheet.add(made.image, each.name)
                store.put(each.name, made.ending, made.data)
                came, went, done, frames = came + each.size, went + len(made.data), done + 1, frames + made.frames
        if sheet:
            sheet.end()
    ctx.log(f"{done:,} of {len(files):,} images are done: {sized(came)} became {sized(went)}.")
    if frames:
        ctx.log(f"{frames:,} had several frames. The first was taken.", "warning")
