type Check = (value: string) => boolean

const byPattern =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(value)

/** Go's `time.ParseDuration`, and the words OpenAPI's strfmt adds. */
const duration =
  /^[+-]?(?:0|(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*)$|^\d+\s*(?:ns|us|ms|s|m|h|d|w|nano|micro|milli|sec|min|hr|hour|day|week)s?$/

/**
 * The string formats that custom resources may ask for; others are accepted as they are. Source: the list in
 * `apiextensions-apiserver/pkg/apiserver/validation/formats.go`.
 */
const formats: Readonly<Record<string, Check>> = {
  'date-time': (value) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  // Not of OpenAPI: how the built-in kinds write the times of Leases and Events, and quantities.
  'micro-time': (value) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value)),
  quantity: byPattern(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?\d+)?$/),
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  duration: byPattern(duration),
  byte: byPattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  uuid: byPattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid3: byPattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid4: byPattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  uuid5: byPattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  ipv4: byPattern(/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/),
  ipv6: (value) => value.includes(':') && URL.canParse(`http://[${value}]/`),
  cidr: byPattern(/^[0-9a-fA-F:.]+\/\d{1,3}$/),
  mac: byPattern(/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i),
  uri: (value) => URL.canParse(value),
  email: byPattern(/^[^@\s]+@[^@\s]+$/),
  hostname: byPattern(
    /^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?$/,
  ),
}

export function matchesFormat(format: string, value: string): boolean {
  const check = Object.hasOwn(formats, format) ? formats[format] : undefined
  return check === undefined || check(value)
}
