import type { ImageName } from '../build/image-name.ts'

/** Where the registry of an image answers. */
export interface RegistryHost {
  /** As people write it. */
  readonly name: string
  /** Host, with its port where one is given. */
  readonly authority: string
  /** What Docker files its credentials under. */
  readonly credentialsKey: string
  /** Whether it may have any certificate or none, and speak plain HTTP. */
  readonly isInsecure: boolean
  /** Whether it is on this machine, where no proxy is asked. */
  readonly isLocal: boolean
}

/** Docker Hub answers under another name than images have (github.com/distribution/reference, `docker.io`). */
const dockerHub = { authority: 'registry-1.docker.io', credentialsKey: 'https://index.docker.io/v1/' }

/** As Docker does it, a registry on this machine is insecure without a word about it. */
export function registryHost({ registry: name }: ImageName, insecure: boolean): RegistryHost {
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(name)
  const place = name === 'docker.io' ? dockerHub : { authority: name, credentialsKey: name }
  return { name, ...place, isInsecure: insecure || isLocal, isLocal }
}
