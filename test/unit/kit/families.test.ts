import { expect, test } from 'vitest'
import { standInFor } from '../../../src/kit/families.ts'
import { kitOffer } from '../../../src/kit/kit.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'

const recipes = catalogue('x64', true)

test.each([
  // The version that the kit has, in any form of the tag.
  ['node:20.11.1-bookworm-slim', 'node-20'],
  ['docker.io/library/node:22', 'node-22'],
  ['python:3.11-alpine', 'python-3.11'],
  ['eclipse-temurin:17-jre-alpine', 'java-17'],
  ['openjdk:21-jdk-slim', 'java-21'],
  ['php:8.2-fpm-alpine', 'php-8.2-fpm'],
  ['php:8-apache', 'php-8.4-apache'],
  ['ruby:3.3-slim', 'ruby-3.3'],
  ['debian:bookworm-slim', 'debian-12'],
  ['ubuntu:22.04', 'debian-12'],
  ['rabbitmq:3.11-management-alpine', 'rabbitmq-3'],
  // The next newer one.
  ['apache/kafka:3.9.1', 'kafka'],
  ['apache/kafka-native:3.8.0', 'kafka'],
  ['zookeeper:3.8', 'zookeeper'],
  ['node:18-alpine', 'node-20'],
  ['python:3.9', 'python-3.11'],
  ['python:3.12-bookworm', 'python-3.13'],
  ['openjdk:8-jdk', 'java-17'],
  ['postgres:14-alpine', 'postgres-15'],
  ['redis:6', 'redis'],
  ['golang:1.21-alpine', 'golang'],
  ['mysql:5.7', 'mariadb'],
  ['maven:3.9-eclipse-temurin-17', 'maven-java-17'],
  // None is newer: the newest.
  ['node:24', 'node-22'],
  ['golang:1.25', 'golang'],
  ['mysql:8.0', 'mariadb'],
  ['nats:2.11-alpine', 'nats'],
  // Without a version: the newest.
  ['apache/kafka', 'kafka'],
  ['docker.io/apache/kafka:latest', 'kafka'],
  ['zookeeper', 'zookeeper'],
  ['node:lts-alpine', 'node-22'],
  ['node', 'node-22'],
  ['python:slim', 'python-3.13'],
  ['alpine', 'alpine'],
  ['ubuntu', 'debian-13'],
  ['php:cli', 'php-8.4-cli'],
  ['maven:latest', 'maven-java-21'],
])('%s is made by the recipe %s', (reference, name) => {
  expect(standInFor(recipes, reference)?.name).toBe(name)
})

test.each([
  'ghcr.io/acme/node:20',
  'localhost:5001/node:20',
  'acme/python:3.11',
  'bitnami/redis:7',
  'bitnami/kafka:3.9',
  'confluentinc/cp-kafka:7.6.0',
  'acme/zookeeper:3.9',
  'node@sha256:0123456789012345678901234567890123456789012345678901234567890123',
  'golang:1.24-nanoserver',
  'mcr.microsoft.com/dotnet/sdk:8.0',
  'mongo:7',
])('nothing stands in for %s', (reference) => {
  expect(standInFor(recipes, reference)).toBeUndefined()
  expect(kitOffer('x64')(reference)).toBe(false)
})

test('each image that a family stands in for says what it is, and is found by its own name', () => {
  for (const recipe of recipes.filter(({ family }) => family !== undefined)) {
    expect(recipe.standIn, recipe.name).toBeDefined()
    for (const reference of recipe.provides) expect(kitOffer('x64')(reference), reference).toBe(true)
  }
})
