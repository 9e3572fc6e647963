"""LangMap: which villages meet which infrastructure criteria, why, and what to build.

Importing this package reads no file and loads no server, map or raster library; take the verbs from
`gis.workflows`: `read_study`, `judge`, `check_study`.
"""

__version__ = "0.1.0"
