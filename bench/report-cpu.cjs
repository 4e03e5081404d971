/** Preloaded into the command: its last line says how many milliseconds of CPU it took, so that other processes do not count. */
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(`\n@cpu ${(user + system) / 1000}\n`);
});
