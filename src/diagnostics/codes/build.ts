import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can keep an image from being built or pushed: AP602x. */
export const buildCodes = {
  AP6020: {
    title: 'Operator code does not bundle',
    text: ({ problem }) => `the operator cannot be bundled: ${problem}`,
    remedy: 'Mend the code; `npx tsc` finds more of its kind. A library that is imported must be installed.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP6021: {
    title: 'No Node for a platform',
    text: ({ name, version, platform }) =>
      `an image for ${platform} needs the npm package ${name} ${version}, which is not installed and cannot be fetched`,
    remedy: ({ name, version }) =>
      `See what \`npm pack ${name}@${version}\` says, or build on a machine of that architecture after \`npm install\`.`,
  } satisfies DiagnosticEntry<{ name: string; version: string; platform: string }>,
  AP6022: {
    title: 'Libraries of a platform are missing',
    text: ({ platform, names }) => `this machine has no ${names} for ${platform}, which Node needs`,
    remedy: ({ architecture }) =>
      `Build on a Linux of that architecture with glibc, or install them: on Debian and Ubuntu apt-get install libc6-${architecture}-cross libstdc++6-${architecture}-cross.`,
  } satisfies DiagnosticEntry<{ platform: string; architecture: string; names: string }>,
  AP6023: {
    title: 'Something is in the way of an image',
    text: ({ path }) => `${path} is there and is no OCI layout`,
    remedy: 'Name another folder with `--to`; nothing was written.',
  } satisfies DiagnosticEntry<{ path: string }>,
  AP6024: {
    title: 'Not let into a registry',
    text: ({ registry, problem }) => `you cannot push to ${registry}: ${problem}`,
    remedy: ({ registry }) =>
      `Log in with \`docker login ${registry}\` (or write its configuration otherwise), as somebody who may push there; then push again.`,
  } satisfies DiagnosticEntry<{ registry: string; problem: string }>,
  AP6025: {
    title: 'A registry cannot be reached',
    text: ({ registry, problem }) => `the registry ${registry} cannot be reached: ${problem}`,
    remedy:
      'Check its name and your network (HTTPS_PROXY and NO_PROXY count). Name the file of an authority of your own in NODE_EXTRA_CA_CERTS; a registry that speaks plain HTTP, or has a certificate that nobody can check, takes `--insecure`.',
  } satisfies DiagnosticEntry<{ registry: string; problem: string }>,
  AP6026: {
    title: 'An engine is missing',
    text: ({ engine }) => `there is no ${engine} on the PATH`,
    remedy: 'Install it, or leave `--engine` out: the image is then written as an OCI layout, without any engine.',
  } satisfies DiagnosticEntry<{ engine: string }>,
  AP6027: {
    title: 'An engine fails',
    text: ({ call, problem }) => `\`${call}\` fails: ${problem}`,
    remedy:
      'See that the engine runs, or leave `--engine` out: the image is then written as an OCI layout, without any engine.',
  } satisfies DiagnosticEntry<{ call: string; problem: string }>,
  AP6028: {
    title: 'A registry does not take an image',
    text: ({ registry, what, problem }) => `${registry} does not take the ${what}: ${problem}`,
    remedy:
      'Mend what it names and push again: what is there is not sent twice, and the tag is as it was until everything is. The layout on disk is whole.',
  } satisfies DiagnosticEntry<{ registry: string; what: string; problem: string }>,
}
