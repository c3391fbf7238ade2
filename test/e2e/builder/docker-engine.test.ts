import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { skopeoPull } from '../registry/real-registry.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { Workbench } from './workbench.ts';

/*
 * What users have who add nothing to their job: the builder of the Docker engine, here an old one without a store that
 * could write an OCI layout.
 */

let engine: DockerEngine;
let bench: Workbench;
beforeAll(async () => {
  engine = await startDockerEngine();
  bench = await Workbench.open({ DOCKER_HOST: engine.host });
});
afterAll(async () => {
  await bench.close();
  await engine.stop();
});

test('the image is saved from the store of the engine, pushed by us, and nothing of it is left there', async () => {
  bench.push({
    'services/app/slipway.service.yml': { image: { 'build-args': { NAME: 'x' } } },
    'services/app/Dockerfile': 'FROM scratch\nARG NAME\nENV NAME=$NAME\nCOPY . /app/\n',
    'services/app/.dockerignore': '*.md\n',
    'services/app/main.js': 'main',
    'services/app/notes.md': 'left out',
  });
  const ran = await bench.build('app');
  expect(ran.conclusion).toBe('success');
  expect(ran.annotations.map(({ level, message }) => [level, message.split(' ')[0]])).toEqual([
    ['notice', 'builder-limited'],
  ]);
  const digest = ran.outputs['digest'] ?? '';
  expect(await skopeoPull(bench.registry, bench.at('app'), 'main')).toBe(digest);
  const files = await bench.filesOf(bench.at('app'), digest);
  expect(files.get('/app/main.js')).toBe('main');
  expect(files.has('/app/notes.md')).toBe(false);
  expect((await bench.config(bench.at('app'), digest)).config.Env).toContain('NAME=x');
  const { annotations } = await bench.manifest(bench.at('app'), digest);
  expect(annotations).toHaveProperty(['io.github.slipway-actions.content-key']);
  const images = spawnSync('docker', ['image', 'ls', '--quiet'], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    encoding: 'utf8',
  });
  expect(images.stdout).toBe('');
  expect((await bench.build('app')).report).toMatchObject({ status: 'reused', uploads: 0 });
});

test('several platforms, or a base that must be held to its digest, are beyond it: what to add is said', async () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  bench.push({ 'services/app/slipway.service.yml': { image: { platforms } } });
  const several = await bench.build('app');
  expect(several.report).toMatchObject({ reason: 'build-failed' });
  expect(several.annotations.at(-1)?.message).toContain('docker/setup-buildx-action');
  expect((await bench.base('first')).conclusion).toBe('success');
  bench.push({
    'services/app/slipway.service.yml': {},
    'services/app/Dockerfile': `FROM ${bench.at('base:main')}\nCOPY main.js /`,
  });
  const based = await bench.build('app');
  expect(based.report).toMatchObject({ reason: 'build-failed' });
  expect(based.annotations.at(-1)?.message).toContain('docker/setup-buildx-action');
});
