"""Criteria sets of a study of the store: found by name, saved as a new edition, chosen, put side by side."""

from gis.catalogue import load_catalogue
from gis.criteria import build_set, list_criteria, list_editions, load_criteria, set_to_plain
from gis.errors import ConflictError, CriteriaError
from gis.measure import check_bindings
from gis.recipe import check_recipe
from gis.store import editions, studies


def find_set(connection, name, own=None):
    """A set by the name that a study gives it.

    Parameters
    ----------
    connection
        Of the store.
    name : str
        ``set`` or ``set@edition``: an edition of the store, else one of the house.
    own : Mapping, optional
        The set that came with the study, as plain data; by its id, or by whatever file it came from.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    CriteriaError
        If there is no such set.
    StoreError
        If the edition is not as it was written.
    """
    set_id, _, edition = name.partition("@")
    if edition and (row := editions.get(connection, set_id, edition)):
        return editions.as_set(row)
    if own is not None and (_is_file(name) or name in (own["id"], f"{own['id']}@{own['edition']}")):
        return build_set(own, file=name)
    return load_criteria(name)


def set_of(connection, study):
    """The set that a study (its row) is judged by."""
    return find_set(connection, study["recipe"]["criteria"], study["criteria"])


def sets_of(connection, study):
    """The set that a study is judged by, and those beside it by name."""
    beside = study["recipe"].get("also", ())
    return set_of(connection, study), {name: find_set(connection, name, study["criteria"]) for name in beside}


def editions_of(connection, study):
    """Every edition of the set that a study is judged by, the latest first, those that came before those made here.

    Returns
    -------
    dict of str to dict
        Name of the edition to ``criteria`` (CriteriaSet) and, where it was made here, the row of the store.
    """
    now, own = set_of(connection, study), study["criteria"]
    made = {
        row["edition"]: {**row, "criteria": editions.as_set(row)}
        for row in editions.listed(connection, now.id)
    }
    if own is not None and own["id"] == now.id:
        came = [build_set(own, file=now.id)]
    elif now.id in list_criteria():
        came = [load_criteria(f"{now.id}@{edition}") for edition in reversed(list_editions(now.id))]
    else:
        came = []
    nobody = {"who": "", "at": "", "reason": "", "previous": ""}
    return made | {one.edition: {**nobody, "criteria": one} for one in came if one.edition not in made}


def mark(connection, study):
    """What tells whether somebody else has saved or chosen an edition in the meantime, as one text."""
    criteria = set_of(connection, study)
    latest = editions.listed(connection, criteria.id)[:1]
    return f"{criteria.hash[:16]}.{latest[0]['id'] if latest else 0}"


def check_mark(connection, study, seen):
    """Raise `ConflictError` that tells who was first, where `mark` is not what somebody saw any more."""
    if seen == mark(connection, study):
        return
    latest = editions.listed(connection, set_of(connection, study).id)[:1]
    told = latest[0] if latest else {"who": study["who"], "at": study["at"], "edition": "–", "reason": "–"}
    raise ConflictError(
        "edition-moved", **{name: str(told[name]) for name in ("who", "at", "edition", "reason")}
    )


def save_edition(store, study_id, criteria, *, reason, who, seen, use):
    """Keep a corrected set as a new edition, and let the study be judged by it.

    Parameters
    ----------
    store : Store
    study_id : str
    criteria : CriteriaSet
        Of the id of the study's set; its edition is given anew.
    reason : str
    who : str
    seen : str
        `mark` of what the person had before them.
    use : bool
        Whether the study is judged by it from now on.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    ConflictError
        If somebody was faster; nothing is kept.
    CriteriaError
        If it is another set, says nothing new, or names what there is not.
    StudyError
        If the study cannot be judged by it and is to be.
    """
    check_bindings(criteria, load_catalogue())
    with store.writing(who) as change:
        study = studies.get_study(change.connection, study_id)
        check_mark(change.connection, study, seen)
        before = set_of(change.connection, study)
        if criteria.id != before.id:
            raise CriteriaError("edition-other-set", found=criteria.id, expected=before.id)
        plain = set_to_plain(criteria)
        if plain | {"edition": ""} == set_to_plain(before) | {"edition": ""}:
            raise CriteriaError("edition-nothing-new")
        name = editions.next_name(change.connection, criteria.id, change.at[:10])
        fresh = build_set(plain | {"edition": name})
        editions.add(change, study_id, fresh, previous=before.hash, reason=reason)
        if use:
            _choose(change, study, fresh, editions.name_of(fresh))
    return fresh


def use_edition(store, study_id, name, *, who, seen):
    """Let a study be judged by another edition of its set, named as ``set@edition``."""
    with store.writing(who) as change:
        study = studies.get_study(change.connection, study_id)
        check_mark(change.connection, study, seen)
        criteria = find_set(change.connection, name, study["criteria"])
        expected = set_of(change.connection, study).id
        if criteria.id != expected:
            raise CriteriaError("edition-other-set", found=criteria.id, expected=expected)
        _choose(change, study, criteria, name)


def set_beside(store, study_id, names, *, who, seen):
    """Let a study be judged by further sets beside its own.

    Parameters
    ----------
    names : list of str
        ``set`` or ``set@edition``; all of them from now on.
    seen : int or None
        Revision of the study that the person had before them.
    """
    with store.writing(who) as change:
        study = studies.get_study(change.connection, study_id)
        for name in names:
            check_bindings(find_set(change.connection, name, study["criteria"]), load_catalogue())
        recipe = {key: value for key, value in study["recipe"].items() if key != "also"}
        recipe |= {"also": list(dict.fromkeys(names))} if names else {}
        if recipe != study["recipe"]:
            studies.set_recipe(change, study_id, recipe, seen=seen)


def keep_beside(change, recipe):
    """Sets that a study file brings beside its own as files, made ready to be kept as editions.

    Returns
    -------
    said : dict
        ``also`` of the recipe, with the names that those sets have in the store; empty without it.
    kept : list of CriteriaSet
    """
    names, kept = [], []
    for name, criteria in recipe.also.items():
        if _is_file(name):
            known = editions.get(change.connection, criteria.id, criteria.edition)
            if known is None:
                kept.append(criteria)
            elif known["content"] != set_to_plain(criteria):
                edition = editions.next_name(change.connection, criteria.id, change.at[:10])
                criteria = build_set(set_to_plain(criteria) | {"edition": edition})
                kept.append(criteria)
            name = editions.name_of(criteria)
        names.append(name)
    return ({"also": names} if names else {}), kept


def _choose(change, study, criteria, name):
    from gis.workflows.stored import recipe_of

    recipe = {**study["recipe"], "criteria": name}
    rows = studies.current_versions(change.connection, study["id"])
    if rows:
        trial, _ = recipe_of({**study, "recipe": recipe}, rows, chosen=criteria)
        check_recipe(trial, load_catalogue())
    studies.set_recipe(change, study["id"], recipe)
    # the diary keeps recipes for a check; this line is for its readers
    before, after = {"criteria": study["recipe"]["criteria"]}, {"criteria": name}
    change.note("set-chosen", study=study["id"], subject=criteria.id, before=before, after=after)


def _is_file(name):
    return name.endswith((".yaml", ".yml")) or "/" in name
