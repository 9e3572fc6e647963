"""The part of a judged study that lies in some of its communes, as a judged study of its own."""

from dataclasses import replace

from gis.study import frozen

OF_VILLAGES, OF_COMMUNES = ("villages", "settlements"), ("communes",)
"""Layers that tell of the people of single units; the others are shown whole."""


def narrow(review, communes):
    """A review of the villages of some communes alone, with the findings that were made of the whole.

    Nothing is measured or judged again: a village has the findings it had, and every count is over these villages.

    Parameters
    ----------
    review : Review
    communes : iterable of str
        Commune ids; those that the study has not are no fault.

    Returns
    -------
    Review
        Problems and matched names of the whole study are not in it, as they tell of other communes; neither are the
        units of former years. Facilities and roads are whole.
    """
    communes = frozenset(communes)
    mine = review.study.villages["commune_id"].isin(communes)
    villages = review.study.villages.index[mine.to_numpy(dtype=bool)]
    beside = {name: _narrowed(other, villages, communes) for name, other in review.beside.items()}
    return _narrowed(review, villages, communes, beside=beside)


def _narrowed(review, villages, communes, **more):
    narrowed = replace(
        review,
        study=_study(review.study, villages, communes),
        measurements=_of(review.measurements, villages),
        findings=_of(review.findings, villages),
        results=review.results.loc[villages],
        **more,
    )
    # What rests on the whole study is taken over: worked out of a part of it, it would come out otherwise.
    narrowed.__dict__["fillings"] = review.fillings
    narrowed.__dict__["disagreements"] = _of(review.disagreements, villages)
    return narrowed


def _study(study, villages, communes):
    narrowed = replace(
        study,
        villages=study.villages.loc[villages],
        communes=study.communes[study.communes.index.isin(communes)],
        groups=study.groups.loc[villages],
        layers=frozen({name: _layer(name, data, villages, communes) for name, data in study.layers.items()}),
        assessments=frozen(
            {year: table[table.index.isin(villages)] for year, table in study.assessments.items()}
        ),
        own=None if study.own is None else study.own[study.own.index.isin(villages)],
        beside=frozen({name: _study(other, villages, communes) for name, other in study.beside.items()}),
        problems=(),
        sheet_counts=frozen({}),
        matches=frozen({}),
        former=frozen({}),
        crosswalk=None,
        travels={},
    )
    narrowed.__dict__["weak_names"] = study.weak_names & set(villages)
    return narrowed


def _layer(name, data, villages, communes):
    if name not in (*OF_VILLAGES, *OF_COMMUNES) or data.frame is None:
        return data
    column, own = ("village_id", villages) if name in OF_VILLAGES else ("commune_id", communes)
    keys = data.frame.get(column, data.frame.index)
    return replace(data, frame=data.frame[keys.isin(own)])


def _of(table, villages):
    return table[table["village_id"].isin(villages)].reset_index(drop=True)
