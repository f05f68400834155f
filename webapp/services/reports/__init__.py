"""Reports: sections of figures with charts, written as a page, a PDF, a workbook or CSV, and mailed."""
