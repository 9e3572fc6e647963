"""Makes the invented district, on any rung of the ladder of data."""

from pathlib import Path

from gis.errors import StudyError
from gis.sample import invention, writing

LARGEST = 100_000
RUNGS = (0, 1, 2, 3, 4, 5)


def make_sample(folder, *, villages=120, communes=None, seed=1, rung=5, report=None):
    """Path of the study file of an invented district written into a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there. An earlier sample in it is replaced; a study that is none is refused.
    villages : int
        1 to 100,000.
    communes : int, optional
        1 to `villages`; one for every twelve villages when left out.
    seed : int
        The same seed and sizes give the same district; on one machine, the same bytes.
    rung : int
        How much data there is: 0 one Excel sheet, 1 and village points, 2 and commune outlines,
        3 village boundaries instead of points, 4 and roads and facilities, 5 and terrain, people and
        land cover.
    report : callable, optional
        ``report(fraction, code, **arguments)``, called as the work goes on.

    Returns
    -------
    Path
        ``study.yaml`` in `folder`.

    Raises
    ------
    StudyError
        If a size, the seed or the rung is out of range, all faults at once.
    """
    _check(villages, communes, seed, rung)
    report = report or (lambda fraction, code, **arguments: None)
    folder = Path(folder)
    if (folder / "study.yaml").exists() and not (folder / writing.NOTE).exists():
        raise StudyError("sample-would-overwrite", folder=folder.name)
    folder.mkdir(parents=True, exist_ok=True)
    district = invention.invent(villages, communes or max(1, round(villages / 12)), seed, report)
    report(0.4, "sample-writing")
    planted, facts = writing.write_review(folder, district, rung, report)
    layers = writing.write_places(folder, district, rung)
    report(0.7, "sample-writing")
    if rung >= 4:
        layers |= writing.write_services(folder, district, facts)
    if rung >= 5:
        layers |= writing.write_ground(folder, district, facts["fields"])
    writing.write_note(folder, district, planted)
    report(1.0, "sample-done", villages=villages, communes=len(district.communes))
    return writing.write_study(folder, layers, rung, district)


def _check(villages, communes, seed, rung):
    faults = []
    if not 1 <= villages <= LARGEST:
        faults.append(StudyError("sample-villages-range", found=villages, most=LARGEST))
    if communes is not None and not 1 <= communes <= max(villages, 1):
        faults.append(StudyError("sample-communes-range", found=communes, most=villages))
    if seed < 0:
        faults.append(StudyError("sample-seed-negative", found=seed))
    if rung not in RUNGS:
        faults.append(StudyError("sample-rung-range", found=rung, most=RUNGS[-1]))
    if faults:
        raise StudyError(problems=[problem for fault in faults for problem in fault.problems])
