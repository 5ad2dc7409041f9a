-- What the auth service remembers of second factors beyond the tables that every project has: a code is good once, on every
-- node, and guessing is slowed down for the user and not for an address. Closed like the other auth tables.

set local role supabase_auth_admin;

create table auth.mfa_used_codes (
  factor_id uuid not null,
  time_step bigint not null,
  constraint mfa_used_codes_pkey primary key (factor_id),
  constraint mfa_used_codes_factor_id_fkey foreign key (factor_id) references auth.mfa_factors (id) on delete cascade
);

create table auth.mfa_attempts (
  user_id uuid not null,
  window_started_at timestamptz not null,
  attempts integer not null,
  constraint mfa_attempts_pkey primary key (user_id),
  constraint mfa_attempts_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);

alter table auth.mfa_used_codes enable row level security;
alter table auth.mfa_used_codes force row level security;
alter table auth.mfa_attempts enable row level security;
alter table auth.mfa_attempts force row level security;

reset role;
