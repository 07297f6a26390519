import { blobOf, jsonBlob, mediaTypes } from '../../../src/cli/build/descriptor.ts'
import { type PlatformImage, platformImage } from '../../../src/cli/build/image.ts'
import { parsePlatforms } from '../../../src/cli/build/platform.ts'

const facts = { labels: { title: 'small' }, created: 0, command: ['run'], workingDir: '/app', entry: '/ap.js' }

/** Images as `ap build` makes them, but for what is in their layers: some text, and as many bytes as asked for. */
export function smallImages(platforms = 'linux/amd64', bytes = 20): PlatformImage[] {
  const layers = ['system libraries', `${platforms} ${'.'.repeat(bytes)}`].map((text) => {
    const blob = blobOf(mediaTypes.layer, Buffer.from(text))
    return { name: text.slice(0, 20), blob, diffId: blob.digest }
  })
  return parsePlatforms(platforms).map((platform) =>
    platformImage(platform, layers, facts, { bomFormat: 'CycloneDX', components: [{ name: platform.name }] }),
  )
}

/** Something that is about an image as well, such as a signature. */
export const otherReferrer = jsonBlob(mediaTypes.manifest, {
  schemaVersion: 2,
  artifactType: 'application/vnd.example',
})
