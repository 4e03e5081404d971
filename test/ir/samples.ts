/** IR texts exactly as `print` writes them: between them they use every operation, type and exit. */
export const samples: Readonly<Record<string, string>> = {
  power: `function power(x: number active, n: integer const) -> number {
  t0 = constant 1
  t1 = constant 0
  t2, t3, t = loop i from t1 to n step 1 carrying t#1 = t0 {
    t#2 = mul t#1 x
    t4 = constant false
    yield t4 t#2
  }
  return t
}
`,
  memory: `function memory(a: Float64Array duplicated, n: integer const) -> number, Float64Array {
  t0: Float64Array = allocate zeros n
  t1 = constant 0
  t2 = length a
  t3: Float64Array = allocate copy a t1 t2
  t4: number[] = allocate parts t1 n
  t5: array<array<Float64Array>> = allocate parts
  t6: number[] = allocate filled n t1
  t7: Float64Array = allocate zerosLike a
  x = load a[t1]
  store t0[t1] x
  accumulate t7[t1] x
  t8 = push t6 x
  t9 = pop t6
  t10 = grow t3 n
  return t9 t10
}
`,
  objects: `function move(p: record Point {x: number, y: number, "odd name": optional<number>} duplicated "point", s: opaque"string" const, t: tuple<number, record {z: integer}> const) -> void {
  x = load p.x
  t0 = load t.0
  q = load t.1
  z = load q.z
  o = load p."odd name"
  t1 = isAbsent o
  if t1 {
    t2 = constant -0
    store p.x t2
  } else {
    t3: number = unwrap o
    store p."odd name" t3
  }
  opaque "console.log($0, \\"x\\")" s ; reads writes observable
  t4: opaque"string" = opaque "$0 + \\"!\\"" s
  t5: record Point {x: number, y: number} = allocate parts x t0
  return
}
`,
  control: `function control(x: number active, flag: boolean const) -> number {
  t0 = constant 3.5 "LIMIT"
  t1 = gt x t0
  y = if t1 {
    t2: opaque"Error" = opaque "new Error(\\"big\\")"
    throw t2
  } else {
    t3 = if flag {
      t4 = constant 1
      yield t4
    } else {
      yield x
    }
    yield t3
  }
  t5 = random
  t6, t7, y#1, k = loop t8 carrying y#2 = y, k#1: integer = t9 {
    t10 = constant 10
    t11 = ge t8 t10
    yield t11 y#2 k#1
  }
  t12 = call helper y#1 t5
  t13: Float64Array, t14 = call "Layout.energy" t12
  return t14
}
`.replace("  t5 = random\n", "  t9 = constant 4\n  t5 = random\n"),
  adjoints: `function f_gradient(x: number active, n: integer const) -> number as gradient of f {
  x@adjoint = constant 1
  t9#0 = constant NaN
  t0 = constant -Infinity
  from#0 = constant 1e-300
  x#1@adjoint = mul x@adjoint x
  x@residual = constant "s"
  t1, t2 = loop i from n to n step -0.5 inclusive {
    t3 = constant true
    yield t3
  }
  return x#1@adjoint
}
`,
};
