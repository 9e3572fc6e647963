"""What the reading child may do: which drivers, how much memory and time, and no network."""

import sys

from gis.errors import IntakeError

ALLOWED = frozenset(
    {"ESRI Shapefile", "GPKG", "GTiff", "MapInfo File", "FlatGeobuf", "DXF", "OSM", "MEM", "Memory"}
)
"""MEM holds what is already in memory and opens no file; the libraries need it."""

SKIPPED = (
    "AAIGrid,ACE2,ADBC,ADRG,AIG,AIVector,AVCBin,AVCE00,AirSAR,AmigoCloud,BAG,BIGGIF,BLX,BMP,BSB,BT,"
    "BYN,CALS,CEOS,COASP,COG,COSAR,CPG,CSV,CSW,CTG,CTable2,Carto,DAAS,DERIVED,DGN,DIMAP,DIPEx,DOQ1,"
    "DOQ2,DTED,ECRGTOC,EDIGEO,EEDA,EEDAI,EHdr,EIR,ELAS,ENVI,ERS,ESAT,ESRIC,ESRIJSON,Elasticsearch,"
    "FAST,FIT,GDALG,GFF,GIF,GML,GNMDatabase,GNMFile,GPSBabel,GPX,GRASSASCIIGrid,GRIB,GS7BG,GSAG,GSBG,"
    "GSC,GTFS,GTI,GTX,GXF,GenBin,GeoJSON,GeoJSONSeq,GeoRSS,HDF5,HDF5Image,HF2,HFA,HTTP,ILWIS,IRIS,"
    "ISCE,ISG,ISIS2,ISIS3,Idrisi,JAXAPALSAR,JDEM,JML,JP2OpenJPEG,JPEG,JSONFG,KML,KMLSUPEROVERLAY,KRO,"
    "L1B,LAN,LCP,LIBKML,LOSLAS,LVBAG,Leveller,MAP,MBTiles,MFF,MFF2,MRF,MSGN,MVT,MapML,MiraMonVector,"
    "NDF,NGSGEOID,NGW,NITF,NOAA_B,NSIDCbin,NTv2,NWT_GRC,NWT_GRD,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,"
    "OGR_VRT,OZI,OpenFileGDB,PAux,PCIDSK,PCRaster,PDF,PDS,PDS4,PGDUMP,PLMOSAIC,PLSCENES,PMTiles,PNG,"
    "PNM,PRF,R,RIK,RMF,ROI_PAC,RPFTOC,RRASTER,RS2,RST,Rasterlite,S102,S104,S111,S57,SAFE,SAGA,"
    "SAR_CEOS,SDTS,SENTINEL2,SGI,SIGDEM,SNAP_TIFF,SNODAS,SQLite,SRP,SRTMHGT,STACIT,STACTA,SXF,"
    "Selafin,TGA,TIL,TSX,Terragen,TopoJSON,USGSDEM,VDV,VFK,VICAR,VRT,WAsP,WCS,WEBP,WFS,WMS,WMTS,XLSX,"
    "XPM,XYZ,ZMap,Zarr,netCDF"
)
"""All other drivers of the GDAL builds in pyogrio 0.13 and rasterio 1.4. Commas, since names hold spaces."""

KEPT_VARIABLES = (
    *("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "TMPDIR"),
    *("LANG", "LC_ALL", "LC_CTYPE"),
)

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def child_environment(environ, package_root):
    """The whole environment of the child: little of the parent's, and every lock that works by variable.

    They are set here because drivers are registered when a library is imported, too early for options set
    later. PROJ and GDAL variables of other programs do not come through.
    """
    kept = {name: environ[name] for name in KEPT_VARIABLES if name in environ}
    return kept | {
        "PYTHONPATH": str(package_root),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "GDAL_SKIP": SKIPPED,
        "OGR_SKIP": SKIPPED,
        "GDAL_HTTP_PROXY": "127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
        "https_proxy": "http://127.0.0.1:1",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
        "GDAL_CACHEMAX": "256",
        "GDAL_MAX_DATASET_POOL_SIZE": "8",
        "GDAL_NUM_THREADS": "1",
        "PROJ_NETWORK": "OFF",
        # Threads cost address space and start-up time; one file needs one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def check_drivers(found):
    """Refuse to read when a library knows more drivers than allowed, as a newer build of it might.

    Raises
    ------
    IntakeError
        Naming the drivers.
    """
    extra = sorted(set(found) - ALLOWED)
    if extra:
        raise IntakeError("intake-drivers", drivers=extra)


def limit_memory(limits):
    """Cap memory and the size of written files; does nothing where the system has no such limits."""
    try:
        import resource
    except ImportError:
        return
    memory = limits.reader_memory_mb * 1_000_000
    written = max(limits.reader_file_mb, limits.reader_unpacked_mb) * 2_000_000
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def limit_processor(limits):
    """Give the file at hand its processor seconds, counted from now."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + limits.reader_seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def leave_network():
    """Move this process into a network of its own, without any connection; True where that was permitted.

    Must run before any thread is started. Privileged processes keep their rights to files, so the first try
    is without a user namespace.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        return libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    except (OSError, AttributeError):
        return False
