import fc from 'fast-check'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { Support } from '../mesh/capabilities.ts'
import { checkTraffic, featureNames } from '../mesh/check.ts'
import { featuresOf } from '../mesh/features.ts'
import { describePath, groupKind } from '../mesh/object-reading.ts'
import { sameService } from '../mesh/service.ts'
import { checkedTraffic, passes } from './checked-traffic.ts'
import { apex, generatedServices } from './generated-services.ts'
import { difference, generatedLaw, type Law, singleLaw } from './law.ts'
import { serviceTraffic } from './traffic-arbitraries.ts'

/** That an adapter refuses what it cannot do, says so in its table, and takes what it writes for valid. */
export function honestLaws(adapter: MeshAdapter): Law[] {
  return [
    singleLaw('has a capability table with a well-formed row for each feature', () => {
      const rows = Object.entries(adapter.capabilities)
      const problems = rows.flatMap(([feature, support]) => rowProblems(feature, support))
      const missing = Object.keys(featureNames).filter((feature) => !Object.hasOwn(adapter.capabilities, feature))
      return difference([], [...missing.map((feature) => `${feature} is missing`), ...problems])
    }),
    refuses(adapter),
    writesOnlyWhatItSupports(adapter),
    acceptsItsOwn(adapter),
    singleLaw('takes enough generated traffic for its laws to mean something', () => {
      const sample = fc.sample(serviceTraffic(adapter.capabilities), { numRuns: 200, seed: 1 })
      const taken = sample.filter((traffic) => passes(traffic, adapter)).length
      return taken > 40 ? undefined : { generated: sample.length, taken }
    }),
  ]
}

function refuses(adapter: MeshAdapter): Law {
  const cases = serviceTraffic().map((traffic) => ({ traffic }))
  return generatedLaw('refuses what it cannot carry, and carries the rest', 100, cases, ({ traffic }) => {
    const problems = checkTraffic(traffic, adapter, generatedServices)
    const mute = problems.filter(({ message, remedy }) => message === '' || remedy === '')
    if (mute.length > 0) return { problem: 'a refusal says nothing', diagnostics: mute }
    const unsupported = unsupportedIn(adapter, featuresOf(traffic, generatedServices))
    if (unsupported.length > 0 && problems.length === 0) return { problem: 'not refused', features: unsupported }
    if (problems.length > 0 || adapter.translate(traffic).length > 0) return undefined
    if (adapter.podLimits !== undefined && traffic.policies?.rateLimit !== undefined) return undefined
    return { problem: 'it is taken, and nothing is written' }
  })
}

function writesOnlyWhatItSupports(adapter: MeshAdapter): Law {
  const cases = checkedTraffic(adapter).map((traffic) => ({ traffic }))
  return generatedLaw('a feature that it calls unsupported reaches no object', 100, cases, ({ traffic }) => {
    const objects = adapter.translate(traffic)
    const observed = adapter.observe(objects, apex, generatedServices).traffic
    const features = observed === undefined ? [] : unsupportedIn(adapter, featuresOf(observed, generatedServices))
    return features.length === 0 ? undefined : { objects, features }
  })
}

/** Whether an order survives is proven pair by pair; the table only says how. */
function unsupportedIn({ capabilities }: MeshAdapter, features: ReturnType<typeof featuresOf>): string[] {
  return [...features].filter(
    (feature) => feature !== 'orderedRules' && capabilities[feature].support === 'unsupported',
  )
}

function acceptsItsOwn(adapter: MeshAdapter): Law {
  const { reading } = adapter
  const cases = checkedTraffic(adapter).map((traffic) => ({ traffic }))
  return generatedLaw('reads its own objects as valid, and as about the apex', 100, cases, ({ traffic }) => {
    const objects = adapter.translate(traffic)
    const unread = objects.filter((object) => ![...reading.follows, ...reading.accompanies].includes(groupKind(object)))
    if (unread.length > 0) return { problem: 'kinds that it does not read', objects: unread }
    const problems = objects.flatMap((object) =>
      reading.validate(object).map(({ path, problem }) => `${object.kind} ${describePath(path)}: ${problem}`),
    )
    if (problems.length > 0) return { objects, problems }
    const about = objects.flatMap((object) => reading.apexes(object))
    if (about.some((service) => sameService(service, apex)) && about.every((service) => sameService(service, apex)))
      return undefined
    return { problem: 'the objects are about other Services than the apex, or about none', objects, about }
  })
}

/** Texts are put into sentences: clauses without a full stop, but for `instead`, which is a sentence. */
function rowProblems(feature: string, support: Support): string[] {
  if (!Object.hasOwn(featureNames, feature)) return [`${feature} is not a feature`]
  switch (support.support) {
    case 'native':
      return []
    case 'emulated':
      return [...clauseProblems(`${feature}.by`, support.by), ...clauseProblems(`${feature}.caveat`, support.caveat)]
    case 'unsupported':
      return [
        ...clauseProblems(`${feature}.reason`, support.reason),
        ...(/^[A-Z`].*\.$/s.test(support.instead) ? [] : [`${feature}.instead is no sentence: ${support.instead}`]),
      ]
  }
}

function clauseProblems(place: string, clause: string): string[] {
  return clause.trim() !== '' && !clause.endsWith('.') ? [] : [`${place} is no clause: ${clause}`]
}
