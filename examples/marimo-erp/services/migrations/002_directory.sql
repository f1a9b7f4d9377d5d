create table directory (
  account bigint primary key references accounts,
  email text not null,
  name text not null
)
