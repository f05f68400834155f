"""Charts as SVG: figures in, markup out, and nothing to fetch or to run.

All text is escaped. A chart has a title and a sentence for those who can't see it; the figures belong beneath it as a
table. `style()` is what a file needs that stands alone; the desk's own stylesheet has it already. Without either, the
colours are those of a light page.
"""

from webapp.charts.columns import columns
from webapp.charts.drawing import Svg, style
from webapp.charts.lengths import lengths
from webapp.charts.lines import lines
from webapp.charts.series import Series

__all__ = ["Series", "Svg", "columns", "lengths", "lines", "style"]
