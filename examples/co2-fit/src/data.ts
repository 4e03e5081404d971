import { readFileSync } from "node:fs";

/** The zero of our time scale, as a year. */
export const ORIGIN = 1990;

export interface Series {
  /** Decades since ORIGIN. */
  readonly times: Float64Array;
  /** Parts per million. */
  readonly measured: Float64Array;
}

/** Calendar year of a time, with its fraction. */
export function yearOf(time: number): number {
  return ORIGIN + 10 * time;
}

/** Monthly means at Mauna Loa, from the data sets of the package vega-datasets. */
export function readSeries(): Series {
  const file = new URL("../data/co2-concentration.csv", import.meta.resolve("vega-datasets"));
  const times: number[] = [];
  const measured: number[] = [];
  for (const line of readFileSync(file, "utf8").trim().split("\n").slice(1)) {
    const [date, value] = line.split(",");
    const [year, month] = date.split("-").map(Number);
    const concentration = Number(value);
    if (!Number.isFinite(concentration) || value.trim() === "") continue;
    times.push((year + (month - 0.5) / 12 - ORIGIN) / 10);
    measured.push(concentration);
  }
  return { times: Float64Array.from(times), measured: Float64Array.from(measured) };
}
