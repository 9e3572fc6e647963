// Finding Vietnamese names however they are typed: "dak to" finds "Đăk Tô".

export function fold(value) {
  const bare = value.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
  const folded = bare.replace(/[^0-9a-z]+/g, " ").trim();
  // As the server does: letters of another script have nothing to fold to, and what is typed in them finds nothing else.
  return folded || value.toLowerCase().normalize("NFC").trim().replace(/\s+/g, " ");
}

const NO_COMMUNE = "-";
export const WORD = { m: "met", u: "unmet", k: "unknown", x: "exempt" };

// Rows of the compact table as objects, each with its folded text.
export function readRows(table) {
  const count = countOfWorks(table);
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
      missed: { all: row[at.missed], infrastructure: count(row[at.criteria], "u") },
      unknown: { all: row[at.unknown], infrastructure: count(row[at.criteria], "k") },
      households: row[at.households],
      population: row[at.population],
      criteria: row[at.criteria],
      x: row[at.x],
      y: row[at.y],
      // what stands in place of a commune that is not given is no name to find
      folded: fold(`${row[at.name]} ${commune[0] === NO_COMMUNE ? "" : commune[1]} ${row[at.id]}`),
    };
  });
}

// How often a letter stands among those criteria of a village that works can fix.
export function countOfWorks(table) {
  const works = table.criteria.map((criterion) => criterion.works && criterion.kind !== "context");
  return (letters, wanted) => [...letters].filter((letter, place) => letter === wanted && works[place]).length;
}

export function statusOf(row, number) {
  return WORD[row.criteria[number]];
}

export function partOf(chosen) {
  return chosen.part === "infrastructure" ? "infrastructure" : "all";
}

// Filters by what a village is; `facts` has a column of values for each.
export const NARROW = ["zone", "group", "minority", "confidence"];
const MINORITY = { ge50: "2", ge15: "12", lt15: "0", "-": "-" };

function narrows({ number }, chosen, facts) {
  const sureness = facts.confidence?.[chosen.criterion] ?? facts.confidence?.all;
  return (
    (!chosen.zone || facts.zone?.[number] === chosen.zone) &&
    (!chosen.group || facts.group?.[number] === chosen.group) &&
    (!chosen.minority || MINORITY[chosen.minority]?.includes(facts.minority?.[number])) &&
    (!chosen.confidence || sureness?.[number] === chosen.confidence[0])
  );
}

export function choose(rows, chosen, criteria, facts = null) {
  const words = fold(chosen.q).split(" ").filter(Boolean);
  const part = partOf(chosen);
  const number = criteria.findIndex((criterion) => criterion.id === chosen.criterion);
  return rows.filter(
    (row) =>
      (!chosen.commune || row.communeId === chosen.commune) &&
      (!chosen.status || row[part] === chosen.status) &&
      (!chosen.criterion_status || number < 0 || statusOf(row, number) === chosen.criterion_status) &&
      (!facts || narrows(row, chosen, facts)) &&
      words.every((word) => row.folded.includes(word)),
  );
}
