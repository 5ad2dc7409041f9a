-- By what the rows of a dataset are told apart: what the owner says, and what the dataset was made by (the source's own key where the owner
-- says nothing). And the columns as the source had them at the last read: a dataset keeps those that the source has dropped.
alter table connectors.connector_streams
  add column primary_key jsonb constraint connector_streams_primary_key_is_array check (jsonb_typeof(primary_key) = 'array'),
  add column dataset_key jsonb constraint connector_streams_dataset_key_is_array check (jsonb_typeof(dataset_key) = 'array'),
  add column source_schema jsonb not null default '[]'
    constraint connector_streams_source_schema_is_array check (jsonb_typeof(source_schema) = 'array');
