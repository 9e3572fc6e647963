// Finding Vietnamese names however they are typed: "dak to" finds "Đăk Tô".

export function fold(value) {
  return value
    .toLowerCase()
    .replaceAll("đ", "d")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^0-9a-z]+/g, " ")
    .trim();
}

const WORD = { m: "met", u: "unmet", k: "unknown", x: "exempt" };

// Rows of the compact table as objects, each with its folded text.
export function readRows(table) {
  const at = Object.fromEntries(table.columns.map((name, number) => [name, number]));
  return table.rows.map((row, number) => {
    const commune = table.communes[row[at.commune]] ?? ["", ""];
    return {
      number,
      id: row[at.id],
      name: row[at.name],
      communeId: commune[0],
      commune: commune[1],
      all: WORD[row[at.status]],
      infrastructure: WORD[row[at.infra]],
      missed: row[at.missed],
      unknown: row[at.unknown],
      households: row[at.households],
      population: row[at.population],
      criteria: row[at.criteria],
      x: row[at.x],
      y: row[at.y],
      folded: fold(`${row[at.name]} ${commune[1]} ${row[at.id]}`),
    };
  });
}

export function statusOf(row, number) {
  return WORD[row.criteria[number]];
}

export function choose(rows, chosen, criteria) {
  const words = fold(chosen.q).split(" ").filter(Boolean);
  const part = chosen.part === "infrastructure" ? "infrastructure" : "all";
  const number = criteria.findIndex((criterion) => criterion.id === chosen.criterion);
  return rows.filter(
    (row) =>
      (!chosen.commune || row.communeId === chosen.commune) &&
      (!chosen.status || row[part] === chosen.status) &&
      (!chosen.criterion_status || number < 0 || statusOf(row, number) === chosen.criterion_status) &&
      words.every((word) => row.folded.includes(word)),
  );
}
