import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with what people tell a resource: AP4026 to AP4039. */
export const commandCodes = {
  AP4026: {
    title: 'Command that is not possible now',
    text: ({ resource, state, verb }) => `${resource} is ${state}, where ${verb} is not possible`,
    remedy: ({ possible }) => `Possible now: ${possible}.`,
  } satisfies DiagnosticEntry<{ resource: string; state: string; verb: string; possible: string }>,
  AP4027: {
    title: 'Not a command',
    text: ({ resource, annotation, value }) =>
      `${resource} has the annotation ${annotation} with the value ${value}, which is no command`,
    remedy:
      'Write `VERB at TIME by WHO: WHY`, such as `promote at 2025-01-01T09:00:00Z by alice: looks good` (from `by` on as you like), or let `ap promote` write it.',
  } satisfies DiagnosticEntry<{ resource: string; annotation: string; value: string }>,
  AP4028: {
    title: 'Command of the past',
    text: ({ resource, command, at, later }) =>
      `${resource} has the command ${command} at ${at}, which is not later than ${later}, and is not followed again`,
    remedy:
      'Give it a time that is later, or let `ap` write it; a tool that has put an old annotation back needs nothing.',
  } satisfies DiagnosticEntry<{ resource: string; command: string; at: string; later: string }>,
  AP4029: {
    title: 'A worker that knows no commands',
    text: ({ phase, verb }) =>
      `the worker of ${phase} did not look at the command ${verb}, which autopilot.yaml allows there`,
    remedy: ({ phase, verb }) =>
      `Follow \`context.command\` in the worker, or remove ${phase} from the phases of the verb ${verb}.`,
  } satisfies DiagnosticEntry<{ phase: string; verb: string }>,
  AP4030: {
    title: 'Verb that the workflow does not have',
    text: ({ kind, verb, hint }) => `the workflow of ${kind} has no verb ${verb}${hint}`,
    remedy: ({ known }) => `It has ${known}; others are declared under \`verbs:\` in autopilot.yaml.`,
  } satisfies DiagnosticEntry<{ kind: string; verb: string; hint: string; known: string }>,
  AP4031: {
    title: 'Command that was refused',
    text: ({ resource, command, reason }) => `${resource} does not follow ${command}: ${reason}`,
    remedy: 'Mend what is named, then say it again.',
  } satisfies DiagnosticEntry<{ resource: string; command: string; reason: string }>,
  AP4032: {
    title: 'Command that was replaced',
    text: ({ resource, command, value }) => `${resource} was told ${command}, and its annotation says ${value} now`,
    remedy: 'Somebody else has said something since, or a tool has put back what is in Git: commit the command there.',
  } satisfies DiagnosticEntry<{ resource: string; command: string; value: string }>,
  AP4033: {
    title: 'Command that nobody has handled',
    text: ({ resource, command, after }) => `after ${after} ${resource} has not followed ${command}`,
    remedy: 'It still will: see with `ap get NAME` what it waits for, and with `ap status` whether its operator runs.',
  } satisfies DiagnosticEntry<{ resource: string; command: string; after: string }>,
  AP4034: {
    title: 'Definition that forgets commands',
    text: ({ kind, command }) =>
      `the CustomResourceDefinition of ${kind} drops status.lastCommand, so ${command} would be followed again and again`,
    remedy:
      'Apply the definition that belongs to this version of the operator, deploy/base/crd.yaml (Helm does not renew those of a chart); the command is followed then.',
  } satisfies DiagnosticEntry<{ kind: string; command: string }>,
}
