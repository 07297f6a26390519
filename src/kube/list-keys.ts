import { isRecord } from './wire.ts'

/**
 * Lists that the API server merges by the keys of their entries, by the name of the field: `listMapKeys` of the built-in
 * types that operators write. Values are the defaults of keys that may be left out.
 */
const keysByField: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  containers: { name: '' },
  initContainers: { name: '' },
  ephemeralContainers: { name: '' },
  env: { name: '' },
  volumes: { name: '' },
  volumeMounts: { mountPath: '' },
  volumeDevices: { devicePath: '' },
  imagePullSecrets: { name: '' },
  hostAliases: { ip: '' },
  topologySpreadConstraints: { topologyKey: '', whenUnsatisfiable: '' },
  ownerReferences: { uid: '' },
  conditions: { type: '' },
}

/** Two types call a list `ports`: those of a container and those of a Service. */
const portKeys: readonly Readonly<Record<string, string>>[] = [
  { containerPort: '', protocol: 'TCP' },
  { port: '', protocol: 'TCP' },
]

/** How to tell entries of a field's list apart; undefined when they are told apart by position. */
export type EntryKeys = (field: string, entries: readonly unknown[]) => ((entry: unknown) => string) | undefined

/**
 * As server-side apply merges lists. By position are: a field that is not in the table, and entries without the keys, which
 * belong to another type's field of the same name.
 */
export const mergedByKey: EntryKeys = (field, entries) => {
  const candidates = field === 'ports' ? portKeys : [keysByField[field]]
  const keys = candidates.find(
    (candidate) => candidate !== undefined && entries.every((entry) => hasKeys(entry, candidate)),
  )
  if (keys === undefined) return undefined
  return (entry) =>
    JSON.stringify(
      Object.entries(keys).map(([key, fallback]) => (isRecord(entry) ? (entry[key] ?? fallback) : undefined)),
    )
}

/** As a merge patch sees lists: replaced as a whole. */
export const replacedWhole: EntryKeys = () => undefined

function hasKeys(entry: unknown, keys: Readonly<Record<string, string>>): boolean {
  return isRecord(entry) && Object.entries(keys).every(([key, fallback]) => fallback !== '' || entry[key] !== undefined)
}
