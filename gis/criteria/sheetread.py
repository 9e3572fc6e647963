"""The sheets of a workbook back to a criteria set; every fault names row, sheet and column."""

from gis.criteria import wording as w
from gis.criteria.binding import parse_measure
from gis.criteria.cells import Row, blank, parts, read_applies, read_when
from gis.criteria.faults import Faults
from gis.criteria.form import build_set
from gis.criteria.rules import MAX_DEPTH
from gis.errors import CriteriaError, Problem


def read_sheets(sheets, file):
    """See `gis.criteria.sheets.set_from_rows`."""
    reader = _Reader(sheets, file)
    data = reader.read()
    try:
        criteria = build_set(data, reader.faults.lines, file=file, path=file)
    except CriteriaError as error:
        # what a cell fault left out would be reported a second time as missing
        found = {problem.arguments.get("line") for problem in reader.faults.problems}
        problems = [one for one in error.problems if one.arguments.get("line") not in found]
        reader.faults.problems += [_by_heading(one, file) for one in problems]
        criteria = None
    reader.faults.raise_any()
    return criteria


def _by_heading(problem, file):
    """A missing key of the set file as the empty cell or fact that a reader of the workbook knows."""
    if problem.code != "schema-missing-key":
        return problem
    where = problem.arguments["where"]
    path = (*(() if where == file else where.split(".")), problem.arguments["key"])
    names, path = (w.COLUMNS, path[2:]) if path[0] == "criteria" and len(path) > 2 else (w.SET_FACTS, path)
    heading = next((name for name, known in names if known and known[: len(path)] == path), path[-1])
    row, sheet = (
        (str(problem.arguments["line"]).split(" ")[0], w.CRITERIA) if names is w.COLUMNS else ("–", w.FACTS)
    )
    line = f"{row} ({sheet} / {heading})"
    return Problem("criteria-sheet-empty", {"file": file, "line": line, "column": heading}, "error")


class _Reader:
    """Turns cells into the plain content of a set file and remembers where each part came from."""

    def __init__(self, sheets, file):
        self.sheets = {w.same(name): (name, rows) for name, rows in sheets.items()}
        self.faults = Faults(file, {})

    def read(self):
        missing = [name for name in (w.FACTS, w.GROUPS, w.CRITERIA) if w.same(name) not in self.sheets]
        if missing:
            known = " | ".join(name for name, _ in self.sheets.values())
            raise CriteriaError(
                "criteria-sheet-missing",
                file=self.faults.file,
                line="1",
                sheet=" | ".join(missing),
                known=known or "–",
            )
        data = self._facts()
        groups = {}
        for row in self._table(w.GROUPS, w.GROUP_COLUMNS):
            groups[row.text("Mã nhóm") or ""] = _label(row.text("Tên nhóm"), row.text("Tên nhóm (tiếng Anh)"))
        data["groups"] = {str(data.pop("dimension", None) or ""): groups}
        if rules := list(self._optional(w.GROUP_BY, w.GROUP_BY_COLUMNS)):
            data["group_by"] = [self._rule(row, number) for number, row in enumerate(rules)]
        bands = self._bands()
        data["criteria"] = [
            self._criterion(row, number, list(groups), bands)
            for number, row in enumerate(
                self._table(w.CRITERIA, _known_columns(groups), required=_required(groups))
            )
        ]
        scale, points = data.pop("scale", {}), self._points()
        if data.get("logic") == "nested":
            data["logic"] = self._logic()
        if data.get("logic") == "points":
            data["logic"] = {**scale, **points}
        elif scale or points["points"] or points["required"]:
            self.faults.add("criteria-sheet-points", ("logic",), word=w.LOGIC_WORDS["points"])
        return data

    def _facts(self):
        data, names = {}, {w.same(name): (name, path) for name, path in w.SET_FACTS}
        for row in self._table(w.FACTS, w.FACT_COLUMNS):
            given, value = row.text("Mục"), row.cells.get("Giá trị")
            if given is None or blank(value):
                continue
            if w.same(given) == w.same(w.SOURCE):
                data.setdefault("sources", []).append(row.text("Giá trị"))
            elif w.same(given) not in names:
                row.fault(
                    "criteria-sheet-fact",
                    "Mục",
                    found=given,
                    known=" | ".join(name for name, _ in w.SET_FACTS),
                )
            else:
                path = names[w.same(given)][1]
                self.faults.lines[path] = row.place("Giá trị")
                words = w.LOGIC_WORDS if path == ("logic",) else w.WORDS.get(path)
                _put(data, path, row.word("Giá trị", words) if words else row.value("Giá trị", path))
        return data

    def _criterion(self, row, number, groups, bands):
        data, here = {"source": {}}, ("criteria", number)
        self.faults.lines[here] = row.place("Mã tiêu chí")
        for name, path in w.COLUMNS:
            if path is None or blank(row.cells.get(name)):
                continue
            self.faults.lines[(*here, *path)] = row.place(name)
            if path in w.WORDS:
                value = row.word(name, w.WORDS[path])
            elif path == ("verification",):
                value = row.by_group(name, groups, lambda text, name=name: row.known(text, name, w.VERIFIED))
            elif path[0] == "checked":
                continue
            elif path in (("measured",), ("reported",)):
                value = row.parsed(name, parse_measure)
            elif path == ("applies",):
                value = row.parsed(name, read_applies)
            else:
                value = row.value(name, path)
            _put(data, path, value)
        if data.get("compare") in w.YES_NO and w.same(data.get("unit")) == w.same(w.BOOL):
            data["unit"] = "bool"
        self._checks(row, data, here, groups)
        data["thresholds"], data["nearly"] = {}, {}
        for group in groups:
            column = self._column(row, here, "thresholds", group, groups)
            given = bands.get((str(data.get("id")), group))
            data["thresholds"][group] = row.figure(column, data.get("compare"), given)
            column = self._column(row, here, "nearly", group, groups)
            if not blank(row.cells.get(column)):
                data["nearly"][group] = row.number(column)
        return data

    def _column(self, row, here, key, group, groups):
        """The column of a figure, and where it stands; with one group its name may stand alone."""
        name = {"thresholds": w.FIGURE, "nearly": w.NEARLY}[key]
        column = f"{name} ({group})"
        if len(groups) == 1 and column not in row.cells:
            column = name
        self.faults.lines[(*here, key, group)] = row.place(column)
        return column

    def _rule(self, row, number):
        entry = {"group": row.text("Mã nhóm") or ""}
        self.faults.lines[("group_by", number)] = row.place("Mã nhóm")
        self.faults.lines[("group_by", number, "when")] = row.place("Khi")
        return entry if blank(row.cells.get("Khi")) else {**entry, "when": row.parsed("Khi", read_when)}

    def _points(self):
        points, required = {}, []
        for row in self._optional(w.POINTS, w.POINT_COLUMNS):
            name = row.text("Mã tiêu chí") or ""
            here = ("logic", "points", name)
            self.faults.lines.setdefault(here, row.place("Mã tiêu chí"))
            must = not blank(row.cells.get("Bắt buộc")) and row.word(
                "Bắt buộc", {True: w.YES, False: "không"}
            )
            if must and name not in required:
                self.faults.lines[("logic", "required", len(required))] = row.place("Bắt buộc")
                required.append(name)
            if blank(row.cells.get("Kết quả")) and blank(row.cells.get("Điểm")):
                continue
            result, entry = row.word("Kết quả", w.RESULT), points.setdefault(name, {})
            if result == "grades":
                entry.setdefault("grades", {})[row.text("Bậc") or ""] = row.number("Điểm")
            elif result:
                entry[result] = row.number("Điểm")
        return {"points": points, "required": required}

    def _checks(self, row, data, here, groups):
        columns = {"by": "Người kiểm tra", "on": "Ngày kiểm tra", "document": "Văn bản kiểm tra"}
        given = {key: name for key, name in columns.items() if not blank(row.cells.get(name))}
        if not given:
            return
        self.faults.lines[(*here, "checked")] = row.place("Người kiểm tra")
        checks = {key: row.by_group(name, groups, lambda text: text) for key, name in given.items()}
        if any(isinstance(value, dict) for value in checks.values()):
            named = {group for value in checks.values() if isinstance(value, dict) for group in value}
            data["checked"] = {
                group: {
                    key: value.get(group) if isinstance(value, dict) else value
                    for key, value in checks.items()
                }
                for group in sorted(named)
            }
        else:
            data["checked"] = checks

    def _bands(self):
        bands = {}
        for row in self._optional(w.BANDS, w.BAND_COLUMNS):
            band = {"grade": row.text("Bậc"), "min": row.number("Từ"), "max": row.number("Đến dưới")}
            if not blank(row.cells.get("Gồm cả mức trên")):
                band["includes_max"] = row.word("Gồm cả mức trên", {True: w.YES, False: "không"})
            bands.setdefault((row.text("Mã tiêu chí") or "", row.text("Nhóm") or ""), []).append(band)
        return bands

    def _logic(self):
        rows = list(self._optional(w.LOGIC, w.LOGIC_COLUMNS))
        root, open_parts = None, []
        for row in rows:
            level, node = row.number("Cấp"), self._node(row)
            sound = (
                isinstance(level, int)
                and 1 <= level <= min(len(open_parts) + 1, MAX_DEPTH)
                and (level > 1) == (root is not None)
            )
            if not sound or node is None:
                row.fault("criteria-sheet-level", "Cấp", found=str(row.cells.get("Cấp")))
                continue
            del open_parts[level - 1 :]
            if root is None:
                root = node
            else:
                open_parts[-1].append(node)
            if isinstance(node, dict):
                open_parts.append(node.get("all", node.get("of")))
        return root or {}

    def _node(self, row):
        if blank(row.cells.get("Quy tắc")):
            return row.text("Mã tiêu chí")
        rule = row.word("Quy tắc", w.RULE)
        if rule != "any_n":
            return {"all": []} if rule else None
        node = {"any_n": row.number("Cần ít nhất")}
        if not blank(row.cells.get("Hoặc chỉ cần")):
            when = {"attribute": row.text("Khi thuộc tính")}
            if w.same(row.cells.get("So sánh")) == w.IN:
                when["in"] = row.parsed("Giá trị", lambda text: parts(text or ""))
            else:
                when |= {"compare": row.word("So sánh", w.COMPARE), "value": row.number("Giá trị")}
            node["or_n"] = {"n": row.number("Hoặc chỉ cần"), "when": when}
        return {**node, "of": []}

    def _optional(self, sheet, columns):
        return self._table(sheet, columns) if w.same(sheet) in self.sheets else ()

    def _table(self, sheet, columns, required=None):
        """The filled rows of a sheet, cells by heading; faulty headings stop the reading of the workbook."""
        name, rows = self.sheets[w.same(sheet)]
        known = {w.same(column): column for column in columns}
        headings = [w.same(cell) if not blank(cell) else None for cell in (rows[0] if rows else ())]
        where = {"file": self.faults.file, "line": f"1 ({name})", "sheet": name}
        for heading in headings:
            if heading and heading not in known:
                raise CriteriaError(
                    "criteria-sheet-column", **where, column=heading, known=" | ".join(columns)
                )
            if heading and headings.count(heading) > 1:
                raise CriteriaError("criteria-sheet-column-twice", **where, column=known[heading])
        missing = [column for column in (required or columns) if w.same(column) not in headings]
        if missing:
            raise CriteriaError("criteria-sheet-column-missing", **where, column=" | ".join(missing))
        table = []
        for number, cells in enumerate(rows[1:], start=2):
            if all(blank(cell) for cell in cells):
                continue
            by_name = {
                known[heading]: cell for heading, cell in zip(headings, cells, strict=False) if heading
            }
            table.append(Row(by_name, number, name, self.faults))
        return table


def _known_columns(groups):
    kinds = (w.FIGURE, w.NEARLY)
    figures = [*kinds, *(f"{name} ({group})" for name in kinds for group in groups)]
    return [name for name, _ in w.COLUMNS if name not in kinds] + figures


def _required(groups):
    figures = [] if len(groups) == 1 else [f"{w.FIGURE} ({group})" for group in groups]
    return [name for name, _ in w.COLUMNS if name not in w.OPTIONAL and "(tiếng Anh)" not in name] + figures


def _label(vi, en):
    return {"vi": vi, "en": en}


def _put(data, path, value):
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value
