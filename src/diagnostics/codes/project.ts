import type { DiagnosticEntry } from '../diagnostic.ts'

/**
 * What can be wrong with the files of a project: AP1xxx. AP10xx: the file as such; AP11xx: its fields; AP12xx: the workflow;
 * AP13xx: the operator's configuration. `hint` is empty or ` (did you mean "x"?)`.
 */
export const projectCodes = {
  AP1001: {
    title: 'Not YAML',
    text: ({ problem }) => `this is not YAML: ${problem}`,
    remedy: 'Mend the syntax at this place.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP1002: {
    title: 'Empty file',
    text: () => 'the file holds nothing but comments or white space',
    remedy: 'Write the fields that docs/reference lists, or start from a template.',
  } satisfies DiagnosticEntry<undefined>,
  AP1003: {
    title: 'Several documents',
    text: () => 'a second YAML document starts here; one file holds one document',
    remedy: 'Remove the `---` line, or move what follows it to a file of its own.',
  } satisfies DiagnosticEntry<undefined>,
  AP1004: {
    title: 'Field given twice',
    text: ({ field, line }) => `"${field}" is already given in line ${line}`,
    remedy: 'Keep one of the two.',
  } satisfies DiagnosticEntry<{ field: string; line: string }>,
  AP1005: {
    title: 'Too much to expand',
    text: ({ limit }) => `the document holds more than ${limit} values once its aliases are expanded`,
    remedy: 'Write the values out instead of nesting aliases.',
  } satisfies DiagnosticEntry<{ limit: string }>,
  AP1006: {
    title: 'Not UTF-8',
    text: ({ problem }) => `the file is not UTF-8 text: ${problem}`,
    remedy: 'Save the file in the encoding UTF-8.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP1007: {
    title: 'File too large',
    text: ({ size, limit }) => `the file has ${size} bytes; at most ${limit} are read`,
    remedy: 'Check that this is the right file.',
  } satisfies DiagnosticEntry<{ size: string; limit: string }>,
  AP1008: {
    title: 'File cannot be read',
    text: ({ file, problem }) => `${file} cannot be read: ${problem}`,
    remedy: 'Check the path and its permissions.',
  } satisfies DiagnosticEntry<{ file: string; problem: string }>,
  AP1009: {
    title: 'Alias that leads nowhere',
    text: ({ alias, problem }) => `the alias *${alias} ${problem}`,
    remedy: 'Write the value itself here.',
  } satisfies DiagnosticEntry<{ alias: string; problem: string }>,
  AP1010: {
    title: 'Field name that is no text',
    text: () => 'the name of a field must be a plain text',
    remedy: 'Write `name: value`; for a value in braces, quote it.',
  } satisfies DiagnosticEntry<undefined>,
  AP1011: {
    title: 'Nested too deeply',
    text: ({ limit }) => `values are nested more than ${limit} levels deep`,
    remedy: 'Flatten the value; no field of this file goes that deep.',
  } satisfies DiagnosticEntry<{ limit: string }>,
  AP1101: {
    title: 'Unknown field',
    text: ({ field, place, hint }) => `unknown field "${field}" in ${place}${hint}`,
    remedy: ({ known }) => `Known here: ${known}.`,
  } satisfies DiagnosticEntry<{ field: string; place: string; hint: string; known: string }>,
  AP1102: {
    title: 'Missing field',
    text: ({ field, place }) => `${place} lacks the field "${field}"`,
    remedy: ({ field }) => `Add \`${field}:\` here.`,
  } satisfies DiagnosticEntry<{ field: string; place: string }>,
  AP1103: {
    title: 'Wrong type',
    text: ({ place, expected, found }) => `${place} must be ${expected}, not ${found}`,
    remedy: 'Change the value; a text that YAML would read as something else needs quotes.',
  } satisfies DiagnosticEntry<{ place: string; expected: string; found: string }>,
  AP1104: {
    title: 'Value not allowed',
    text: ({ place, value, expected }) => `${place} is ${value}; it must be ${expected}`,
    remedy: 'Change the value.',
  } satisfies DiagnosticEntry<{ place: string; value: string; expected: string }>,
  AP1105: {
    title: 'Listed twice',
    text: ({ place, value }) => `${value} is in ${place} twice`,
    remedy: 'Remove one of the two.',
  } satisfies DiagnosticEntry<{ place: string; value: string }>,
  AP1201: {
    title: 'No initial phase',
    text: ({ phases }) => `none of the phases ${phases} is the initial one`,
    remedy: 'Mark the phase in which every resource starts with `initial: true`.',
  } satisfies DiagnosticEntry<{ phases: string }>,
  AP1202: {
    title: 'Several initial phases',
    text: ({ phase, first, place }) => `phase ${phase} is initial, and so is ${first} (${place})`,
    remedy: 'Keep `initial: true` on the one phase in which every resource starts.',
  } satisfies DiagnosticEntry<{ phase: string; first: string; place: string }>,
  AP1203: {
    title: 'Two phases of one name',
    text: ({ phase, first, place }) => `phase ${phase} has the name of the phase ${first} (${place})`,
    remedy: 'Give each phase its own name; names that differ only in case or in _ share one worker file.',
  } satisfies DiagnosticEntry<{ phase: string; first: string; place: string }>,
  AP1204: {
    title: 'Unknown next phase',
    text: ({ phase, next, hint }) => `phase ${phase} may go to "${next}", which is no phase${hint}`,
    remedy: ({ known }) => `The phases are ${known}.`,
  } satisfies DiagnosticEntry<{ phase: string; next: string; hint: string; known: string }>,
  AP1205: {
    title: 'Final phase with work to do',
    text: ({ phase, field }) => `phase ${phase} is final and has ${field}; nobody works on a resource in a final phase`,
    remedy: ({ field }) => `Remove \`final: true\` or \`${field}\`.`,
  } satisfies DiagnosticEntry<{ phase: string; field: string }>,
  AP1206: {
    title: 'Initial and final at once',
    text: ({ phase }) => `phase ${phase} is initial and final, so nothing would ever happen`,
    remedy: 'Remove one of the two, or add a phase.',
  } satisfies DiagnosticEntry<{ phase: string }>,
  AP1207: {
    title: 'Unknown input',
    text: ({ phase, name, hint }) => `phase ${phase} has the unknown input "${name}"${hint}`,
    remedy: ({ known }) => `Declare its kind in customParameters, or use one of ${known}.`,
  } satisfies DiagnosticEntry<{ phase: string; name: string; hint: string; known: string }>,
  AP1208: {
    title: 'Unknown output',
    text: ({ phase, name, hint }) => `phase ${phase} has the unknown output "${name}"${hint}`,
    remedy: ({ known }) => `Declare its kind in customParameters, or use one of ${known}.`,
  } satisfies DiagnosticEntry<{ phase: string; name: string; hint: string; known: string }>,
  AP1209: {
    title: 'Metrics as an output',
    text: ({ phase }) => `phase ${phase} has the output "metrics", which can only be read`,
    remedy: 'Move it to `inputs`.',
  } satisfies DiagnosticEntry<{ phase: string }>,
  AP1210: {
    title: 'Phase that is never reached',
    text: ({ phase }) => `no way leads from the initial phase to ${phase}`,
    remedy: 'Name it in the `next` of a phase that is reached, or remove it.',
  } satisfies DiagnosticEntry<{ phase: string }>,
  AP1211: {
    title: 'Two queries of one name',
    text: ({ query, method, first, place }) =>
      `the query ${query} becomes the method ${method}, and so does ${first} (${place})`,
    remedy: 'Rename one of the two.',
  } satisfies DiagnosticEntry<{ query: string; method: string; first: string; place: string }>,
  AP1212: {
    title: 'Hole without a parameter',
    text: ({ query, hole, hint }) =>
      `the query ${query} has the hole {{ .${hole} }}, which is none of its parameters${hint}`,
    remedy: 'Add the name to `parameters`, or mend the hole.',
  } satisfies DiagnosticEntry<{ query: string; hole: string; hint: string }>,
  AP1213: {
    title: 'Hole that cannot be filled',
    text: ({ query, hole, problem }) => `the query ${query} has the hole ${hole}, ${problem}`,
    remedy: 'Write holes as `{{ .Name }}`; pipelines, conditions and loops of Go templates are not supported.',
  } satisfies DiagnosticEntry<{ query: string; hole: string; problem: string }>,
  AP1214: {
    title: 'Reserved word',
    text: ({ place, name, value }) =>
      name === value
        ? `${place} is "${name}", a reserved word of TypeScript`
        : `${place} is "${name}", and its worker would be called ${value}, a reserved word of TypeScript`,
    remedy: 'Choose another name.',
  } satisfies DiagnosticEntry<{ place: string; name: string; value: string }>,
  AP1215: {
    title: 'Name of a custom parameter already taken',
    text: ({ name, owner }) => `the custom parameter "${name}" has the name of ${owner}`,
    remedy: 'Choose another lowerName, or remove the entry.',
  } satisfies DiagnosticEntry<{ name: string; owner: string }>,
  AP1216: {
    title: 'Not PromQL',
    text: ({ query, offset, near }) => `query ${query} is no PromQL from character ${offset} on, at ${near}`,
    remedy: 'Mend the expression; holes are filled with names, and behind a bracket with durations.',
  } satisfies DiagnosticEntry<{ query: string; offset: number; near: string }>,
  AP1217: {
    title: 'Verb of a phase that there is not',
    text: ({ verb, phase, hint }) => `the verb ${verb} names "${phase}", which is no phase${hint}`,
    remedy: ({ known }) => `The phases are ${known}.`,
  } satisfies DiagnosticEntry<{ verb: string; phase: string; hint: string; known: string }>,
  AP1218: {
    title: 'Verb that leads nowhere',
    text: ({ verb, problem }) => `the verb ${verb} ${problem}`,
    remedy: ({ instead }) => instead,
  } satisfies DiagnosticEntry<{ verb: string; problem: string; instead: string }>,
  AP1219: {
    title: 'Verb that is taken',
    text: ({ verb, owner }) => `the verb ${verb} is ${owner}`,
    remedy: 'Remove the entry, or choose another word.',
  } satisfies DiagnosticEntry<{ verb: string; owner: string }>,
  AP1301: {
    title: 'Unknown mesh',
    text: ({ field, mesh, hint }) => `${field} names the mesh "${mesh}", which is not known${hint}`,
    remedy: ({ known }) => `Known meshes: ${known}.`,
  } satisfies DiagnosticEntry<{ field: string; mesh: string; hint: string; known: string }>,
  AP1401: {
    title: 'Not possible in a CRD',
    text: ({ field, problem }) => `${field} cannot stand in a CRD: ${problem}`,
    remedy: ({ instead }) => instead,
  } satisfies DiagnosticEntry<{ field: string; problem: string; instead: string }>,
  AP1501: {
    title: 'Output that the mesh does not have',
    text: ({ phase, output, mesh, feature, reason }) =>
      `phase ${phase} emits ${output}, of which ${mesh} has nothing: ${feature} is not possible, as ${reason}`,
    remedy: ({ instead }) => instead,
  } satisfies DiagnosticEntry<MissingFeature>,
  AP1502: {
    title: 'Output of which the mesh lacks a part',
    text: ({ phase, output, mesh, feature, reason }) =>
      `phase ${phase} emits ${output}; on ${mesh}, ${feature} is not possible, as ${reason}`,
    remedy: ({ instead }) => instead,
  } satisfies DiagnosticEntry<MissingFeature>,
  AP1503: {
    title: 'Phase that is bound to a mesh',
    text: ({ phase, side, name, mesh }) => `phase ${phase} has ${name} among its ${side}, a kind of ${mesh} alone`,
    remedy: 'Use a neutral kind such as trafficsplits, so that the workflow runs on every mesh.',
  } satisfies DiagnosticEntry<{ phase: string; side: string; name: string; mesh: string }>,
}

export interface MissingFeature {
  readonly phase: string
  readonly output: string
  readonly mesh: string
  readonly feature: string
  readonly reason: string
  readonly instead: string
}
