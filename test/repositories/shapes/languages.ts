import { app } from '../repository.ts'
import { compiled, from, type Shape } from './shape.ts'

/** Repositories of one language each, with manifests of their own. */
export const languages: readonly Shape[] = [
  {
    about: 'Node: one service at the root, with its published name',
    files: {
      Dockerfile: from(
        'node:22-alpine',
        'WORKDIR /app',
        'COPY package*.json ./',
        'RUN npm ci',
        'COPY . .',
        'CMD ["npm", "start"]',
      ),
      'package.json': '{ "name": "notes", "scripts": { "start": "node index.js" } }',
      'package-lock.json': '{}',
      'index.js': '',
      '.dockerignore': 'node_modules\n',
      'kubernetes/deployment.yaml': app('notes', 'ghcr.io/acme/notes:1.4.2'),
      'kubernetes/mongo.yaml': app('mongo', 'mongo:7', 27017),
    },
    built: { notes: 'Dockerfile' },
    synced: ['notes'],
    others: ['Deployment/mongo'],
  },
  {
    about: 'Python: an API and a worker from one folder, with the image of one name',
    files: {
      'backend/Dockerfile': from(
        'python:3.13-slim',
        'WORKDIR /code',
        'COPY requirements.txt .',
        'RUN pip install -r requirements.txt',
        'COPY app app',
        'CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]',
      ),
      'backend/requirements.txt': 'fastapi\n',
      'backend/app/main.py': '',
      'frontend/Dockerfile': from('python:3.13-slim', 'COPY . /srv', 'WORKDIR /srv', 'CMD ["flask", "run"]'),
      'frontend/app.py': '',
      'k8s/backend.yaml': app('backend', 'acme/shop-backend', 8000),
      'k8s/frontend.yaml': app('frontend', 'acme/shop-frontend', 5000),
      'k8s/redis.yaml': app('redis', 'redis:7-alpine', 6379),
    },
    built: { backend: 'backend/Dockerfile', frontend: 'frontend/Dockerfile' },
    synced: ['backend', 'frontend'],
    others: ['Deployment/redis'],
  },
  {
    about: 'Go: several programs of one module, each with its Dockerfile under build/package',
    files: {
      'go.mod': 'module acme.example/orders\n',
      ...{ 'cmd/orders-api/main.go': '', 'cmd/orders-worker/main.go': '', 'internal/db/db.go': '' },
      'build/package/orders-api/Dockerfile': compiled('golang:1.25', 'go build -o /out ./cmd/orders-api', 'scratch'),
      'build/package/orders-worker/Dockerfile': compiled(
        'golang:1.25',
        'go build -o /out ./cmd/orders-worker',
        'scratch',
      ),
      'deployments/api.yaml': app('api', 'registry.example.com/orders-api:v2'),
      'deployments/worker.yaml': app('worker', 'registry.example.com/orders-worker:v2'),
      'deployments/nats.yaml': app('nats', 'nats:2', 4222),
    },
    built: {
      'orders-api': 'build/package/orders-api/Dockerfile',
      'orders-worker': 'build/package/orders-worker/Dockerfile',
    },
    others: ['Deployment/nats'],
  },
  {
    about: 'Ruby: Rails in development and Sidekiq with the same image',
    files: {
      Dockerfile: from(
        'ruby:3.4',
        'WORKDIR /rails',
        'COPY Gemfile Gemfile.lock ./',
        'RUN bundle install',
        'COPY . .',
        'CMD ["bin/rails", "server", "-b", "0.0.0.0"]',
      ),
      ...{ Gemfile: '', 'Gemfile.lock': '', 'config.ru': '', 'app/models/user.rb': '', 'bin/rails': '' },
      'config/deploy/web.yaml': app('web', 'acme/blog', 3000),
      'config/deploy/postgres.yaml': app('postgres', 'postgres:17', 5432),
    },
    built: { blog: 'Dockerfile' },
    synced: ['blog'],
    others: ['Deployment/postgres'],
  },
  {
    about: 'PHP: a site of Apache, and a database that the repository extends',
    files: {
      'src/Dockerfile': from('php:8.3-apache', 'RUN docker-php-ext-install pdo_mysql', 'COPY . /var/www/html/'),
      'src/index.php': '<?php\n',
      'mysql/Dockerfile': from('mysql:8', 'COPY schema.sql /docker-entrypoint-initdb.d/'),
      'mysql/schema.sql': '',
      'k8s/site.yaml': app('site', 'acme/guestbook-site', 80),
      'k8s/mysql.yaml': app('db', 'acme/guestbook-mysql', 3306),
    },
    built: { 'guestbook-site': 'src/Dockerfile', 'guestbook-mysql': 'mysql/Dockerfile' },
    synced: ['guestbook-site'],
  },
  {
    about: 'Java: modules of Maven, built from the root, with the names of the modules',
    files: {
      'pom.xml': '<project/>',
      'customers-service/pom.xml': '<project/>',
      'customers-service/Dockerfile': compiled(
        'maven:3-eclipse-temurin-21',
        'mvn -pl customers-service package',
        'eclipse-temurin:21-jre',
      ),
      'customers-service/src/main/java/App.java': '',
      'visits-service/pom.xml': '<project/>',
      'visits-service/Dockerfile': compiled(
        'maven:3-eclipse-temurin-21',
        'mvn -pl visits-service package',
        'eclipse-temurin:21-jre',
      ),
      'visits-service/src/main/java/App.java': '',
      'k8s/customers.yaml': app('customers', 'springcommunity/clinic-customers-service'),
      'k8s/visits.yaml': app('visits', 'springcommunity/clinic-visits-service'),
      'k8s/zipkin.yaml': app('tracing', 'openzipkin/zipkin', 9411),
    },
    built: {
      'clinic-customers-service': 'customers-service/Dockerfile',
      'clinic-visits-service': 'visits-service/Dockerfile',
    },
    others: ['Deployment/tracing'],
  },
  {
    about: 'Rust: a workspace of Cargo with a Dockerfile beside each crate',
    files: {
      'Cargo.toml': '[workspace]\n',
      ...{ 'Cargo.lock': '', 'crates/api/src/main.rs': '', 'crates/indexer/src/main.rs': '' },
      'crates/api/Dockerfile': compiled('rust:1', 'cargo build --release -p api', 'debian:trixie-slim'),
      'crates/indexer/Dockerfile': compiled('rust:1', 'cargo build --release -p indexer', 'debian:trixie-slim'),
      'k8s/api.yaml': app('api', 'search-api'),
      'k8s/indexer.yaml': app('indexer', 'search-indexer'),
    },
    built: { 'search-api': 'crates/api/Dockerfile', 'search-indexer': 'crates/indexer/Dockerfile' },
  },
  {
    about: '.NET: projects with dots in their names, built from the folder of the solution',
    files: {
      'Shop.sln': '',
      'src/Catalog.API/Catalog.API.csproj': '',
      'src/Catalog.API/Dockerfile': `FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build
COPY ["src/Catalog.API/Catalog.API.csproj", "src/Catalog.API/"]
RUN dotnet restore "src/Catalog.API/Catalog.API.csproj"
COPY . .
RUN dotnet publish src/Catalog.API -o /app
FROM mcr.microsoft.com/dotnet/aspnet:9.0
COPY --from=build /app .
ENTRYPOINT ["dotnet", "Catalog.API.dll"]
`,
      'src/Web/WebMVC/Dockerfile': from(
        'mcr.microsoft.com/dotnet/sdk:9.0',
        'COPY . .',
        'RUN dotnet publish src/Web/WebMVC',
      ),
      'src/Web/WebMVC/WebMVC.csproj': '',
      'deploy/k8s/catalog.yaml': app('catalog', 'eshop/catalog.api:linux-latest'),
      'deploy/k8s/webmvc.yaml': app('webmvc', 'eshop/webmvc:linux-latest'),
      'deploy/k8s/sql.yaml': app('sqldata', 'mcr.microsoft.com/mssql/server:2022-latest', 1433),
    },
    built: { 'catalog-api': 'src/Catalog.API/Dockerfile', webmvc: 'src/Web/WebMVC/Dockerfile' },
    others: ['Deployment/sqldata'],
  },
]
