/** Where the numbers of a sparse matrix stand, and which of its columns can be computed together. */
export interface SparsePattern {
  /** Where each row begins in `columns`; one more than there are rows. */
  readonly rowStart: Int32Array;
  /** The columns of each row, in ascending order. */
  readonly columns: Int32Array;
  /** Of each column its colour: no row has two columns of one colour. -1: the column is empty. */
  readonly colours: Int32Array;
  readonly colourCount: number;
}

/**
 * Sets of columns, by number: 0 is the empty set, j + 1 holds column j alone. Others are unions of two, so that to make
 * one takes the same time however many columns it holds.
 */
export class ColumnSets {
  private left = new Int32Array(64);
  private right = new Int32Array(64);
  private count = 0;

  constructor(private readonly width: number) {}

  /** The columns of either. What is no set, as what is read beyond the end of an array, holds none. */
  union(a: number, b: number): number {
    if (!(a > 0) || a === b) return b > 0 ? b : 0;
    if (!(b > 0) || this.holds(a, b)) return a;
    if (this.holds(b, a)) return b;
    if (this.count === this.left.length) {
      this.left = doubled(this.left);
      this.right = doubled(this.right);
    }
    this.left[this.count] = a;
    this.right[this.count] = b;
    return this.width + ++this.count;
  }

  /** Is one of the two sets that a set was made of this one? Sums that come back to a column stay small. */
  private holds(set: number, part: number): boolean {
    const node = set - this.width - 1;
    return node >= 0 && (this.left[node] === part || this.right[node] === part);
  }

  /** The matrix whose rows hold these sets of columns. */
  pattern(rows: ArrayLike<number>): SparsePattern {
    const byRow = this.listRows(rows);
    // sorted twice by the other index, the columns of each row ascend
    const byColumn = transpose(byRow, this.width);
    const { start, entries } = transpose(byColumn, rows.length);
    const { colours, colourCount } = colour({ start, entries }, byColumn);
    return { rowStart: start, columns: entries, colours, colourCount };
  }

  private listRows(rows: ArrayLike<number>): Lists {
    const start = new Int32Array(rows.length + 1);
    const seen = new Int32Array(this.width + this.count + 1);
    const open: number[] = [];
    let entries = new Int32Array(rows.length + 64);
    let count = 0;
    for (let row = 0; row < rows.length; row++) {
      open.push(rows[row] ?? 0);
      for (let set = open.pop(); set !== undefined; set = open.pop()) {
        if (!(set > 0) || seen[set] === row + 1) continue;
        seen[set] = row + 1;
        if (set > this.width) {
          open.push(this.right[set - this.width - 1] ?? 0, this.left[set - this.width - 1] ?? 0);
          continue;
        }
        if (count === entries.length) entries = doubled(entries);
        entries[count++] = set - 1;
      }
      start[row + 1] = count;
    }
    return { start, entries: entries.subarray(0, count) };
  }
}

/** Lists one behind the other: that of k is `entries[start[k]]` up to `entries[start[k + 1]]`. */
interface Lists {
  readonly start: Int32Array;
  readonly entries: Int32Array;
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * numbers.length);
  longer.set(numbers);
  return longer;
}

/** For each of `count` entries the lists that hold it, in ascending order. */
function transpose({ start, entries }: Lists, count: number): Lists {
  const turned = new Int32Array(count + 1);
  for (const entry of entries) turned[entry + 1] = (turned[entry + 1] ?? 0) + 1;
  for (let k = 0; k < count; k++) turned[k + 1] = (turned[k + 1] ?? 0) + (turned[k] ?? 0);
  const next = turned.slice();
  const lists = new Int32Array(entries.length);
  for (let list = 0; list + 1 < start.length; list++) {
    for (let k = start[list] ?? 0; k < (start[list + 1] ?? 0); k++) {
      const entry = entries[k] ?? 0;
      const place = next[entry] ?? 0;
      lists[place] = list;
      next[entry] = place + 1;
    }
  }
  return { start: turned, entries: lists };
}

/**
 * Columns that share no row get one colour (Curtis, Powell & Reid, 1974), each column the first that is free: of a band
 * so many colours as it is wide.
 */
function colour(byRow: Lists, byColumn: Lists): { readonly colours: Int32Array; readonly colourCount: number } {
  const width = byColumn.start.length - 1;
  const colours = new Int32Array(width).fill(-1);
  const taken = new Int32Array(width).fill(-1);
  let colourCount = 0;
  for (let column = 0; column < width; column++) {
    const [from, to] = [byColumn.start[column] ?? 0, byColumn.start[column + 1] ?? 0];
    if (from === to) continue;
    for (let k = from; k < to; k++) {
      const row = byColumn.entries[k] ?? 0;
      for (let l = byRow.start[row] ?? 0; l < (byRow.start[row + 1] ?? 0); l++) {
        const other = byRow.entries[l] ?? 0;
        if (other >= column) break;
        taken[colours[other] ?? 0] = column;
      }
    }
    let free = 0;
    while (taken[free] === column) free++;
    colours[column] = free;
    colourCount = Math.max(colourCount, free + 1);
  }
  return { colours, colourCount };
}
