/** One way to compile the suite: some passes switched off. */
export interface Variant {
  /** Its folder in `generated/ablation`. */
  readonly folder: string;
  /** The head of its column. */
  readonly title: string;
  /** What `--disable` of the command is given. */
  readonly disabled: readonly string[];
}

const recording = ["toBeRecorded", "expandScratch", "takeSnapshots"];

export const variants: readonly Variant[] = [
  { folder: "all-on", title: "all on", disabled: [] },
  { folder: "only-after", title: "simplified only after", disabled: ["simplifyPrimal"] },
  { folder: "only-before", title: "simplified only before", disabled: ["simplifyDerivative"] },
  { folder: "never", title: "never simplified", disabled: ["simplifyPrimal", "simplifyDerivative"] },
  { folder: "all-recorded", title: "everything recorded", disabled: recording },
  {
    folder: "after-all-recorded",
    title: "simplified only after, everything recorded",
    disabled: ["simplifyPrimal", ...recording],
  },
];
