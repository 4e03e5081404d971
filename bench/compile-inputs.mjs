/** Sources for the profile of the compiler: many functions, and very long ones. Deterministic. */
import { templates } from "./templates.mjs";

/** `count` functions of everyday size, ten to a file: names of files and their texts. */
export function manyFunctions(count) {
  const files = new Map();
  for (let f = 0; f * 10 < count; f++) {
    let text = "";
    for (let number = f * 10; number < Math.min(count, f * 10 + 10); number++)
      text += `${templates[number % templates.length].replaceAll("NAME", `f${number}`)}\n`;
    files.set(`part${String(f).padStart(3, "0")}.ts`, text);
  }
  return files;
}

/** One function of `lines` lines without control flow: each value follows from a few of those before it. */
export function straightLine(lines) {
  const body = [];
  const value = (i) => (i < 0 ? `x[${-i - 1}]` : `v${i}`);
  for (let i = 0; i < lines; i++) {
    const [a, b] = [value(i - 1), value(i - 1 - (i % 7))];
    const forms = [
      `${a} * ${b} + 0.5`,
      `Math.sin(${a}) - ${b}`,
      `${a} / (2 + ${b} * ${b})`,
      `Math.exp(-${a} * ${a}) + ${b}`,
      `Math.sqrt(1 + ${a} * ${a}) * ${b}`,
    ];
    body.push(`  const v${i} = ${forms[i % forms.length]};`);
  }
  return `/** @enzyme gradient */\nexport function straightLine(x: Float64Array): number {\n${body.join("\n")}\n  return v${lines - 1};\n}\n`;
}

/** One function of about `lines` lines: loops over arrays, nested ones and branches, one after the other. */
export function manyLoops(lines) {
  const block = (k) => [
    `  for (let i = 0; i < x.length; i++) {`,
    `    const t = x[i] * y[i] + s${k};`,
    `    if (t > ${k % 5}) {`,
    `      y[i] = Math.sin(t) * x[i];`,
    `    } else {`,
    `      y[i] = t + 0.5 * x[i];`,
    `    }`,
    `  }`,
    `  let s${k + 1} = 0;`,
    `  for (let i = 0; i < x.length; i++) {`,
    `    let sum = 0;`,
    `    for (let j = 0; j <= i; j++) {`,
    `      sum += y[j] * x[i - j];`,
    `    }`,
    `    s${k + 1} += Math.tanh(sum);`,
    `  }`,
  ];
  const body = ["  const y = x.slice();", "  let s0 = 1;"];
  const count = Math.round(lines / block(0).length);
  for (let k = 0; k < count; k++) body.push(...block(k));
  return `/** @enzyme gradient */\nexport function manyLoops(x: Float64Array): number {\n${body.join("\n")}\n  return s${count};\n}\n`;
}

/** One function of about `lines` lines, all in one loop: variables that it carries, and many that follow from them. */
export function longBody(lines) {
  const carried = Math.round(lines / 20);
  const body = [];
  for (let k = 0; k < carried; k++) body.push(`  let c${k} = ${k % 3};`);
  body.push("  for (let i = 0; i < x.length; i++) {");
  const count = Math.round((17 * lines) / 20);
  const value = (k) => (k < 0 ? `c${-k % carried}` : `v${k}`);
  for (let k = 0; k < count; k++) {
    const [a, b] = [value(k - 1), value(k - 1 - (k % 7))];
    const forms = [`Math.sin(${a})`, `${a} * x[i] + ${b}`, `${a} / (2 + ${b} * ${b})`, `${a} - ${b} * c${k % carried}`];
    body.push(`    const v${k} = ${forms[k % forms.length]};`);
  }
  for (let k = 0; k < carried; k++) body.push(`    c${k} = c${k} * 0.5 + v${count - 1 - k};`);
  body.push("  }", "  let s = 0;");
  for (let k = 0; k < carried; k++) body.push(`  s += c${k};`);
  return `/** @enzyme gradient */\nexport function longBody(x: Float64Array): number {\n${body.join("\n")}\n  return s;\n}\n`;
}
