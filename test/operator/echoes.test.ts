import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { deletedVersion, Echoes } from '../../src/operator/echoes.ts'

const version = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', resourceVersion },
})
const change = (resourceVersion: string) =>
  ({ type: 'added', object: version(resourceVersion), initial: false }) as const

test('a write is not delivered to its writer, and is to everybody else', async () => {
  const echoes = new Echoes()
  const heard: string[] = []
  const write = async () => {
    for (const who of ['writer', 'reader']) echoes.deliver(who, 'a', change('2'), () => heard.push(who))
    return '2'
  }
  await echoes.during('writer', 'a', write, (written) => written)
  expect(heard).toEqual(['reader'])
})

test('what somebody else changes while the write is under way is delivered when it is over', async () => {
  const echoes = new Echoes()
  const heard: string[] = []
  const write = async () => {
    for (const at of ['2', '3']) echoes.deliver('writer', 'a', change(at), () => heard.push(at))
    expect(heard).toEqual([])
    return '3'
  }
  await echoes.during('writer', 'a', write, (written) => written)
  expect(heard).toEqual(['2'])
})

test('when the write fails, every change is somebody else’s', async () => {
  const echoes = new Echoes()
  const heard: string[] = []
  const write = async () => {
    echoes.deliver('writer', 'a', change('2'), () => heard.push('2'))
    throw new Error('no answer')
  }
  await expect(echoes.during('writer', 'a', write, () => '2')).rejects.toThrow('no answer')
  expect(heard).toEqual(['2'])
})

test('an own deletion is not delivered, and a deletion during another write is', async () => {
  const echoes = new Echoes()
  const heard: string[] = []
  const gone = { type: 'deleted', object: version('4') } as const
  const write = (name: string) => async () => {
    echoes.deliver('writer', 'a', gone, () => heard.push(name))
  }
  await echoes.during('writer', 'a', write('removal'), () => deletedVersion)
  await echoes.during('writer', 'a', write('update'), () => '4')
  expect(heard).toEqual(['update'])
})
