-- A subscriber filters widgets by dashboard. A DELETE can only be matched by columns of the replica identity, so it holds both.
alter table dashboards.widgets replica identity using index widgets_identity;

alter publication supabase_realtime add table dashboards.dashboards, dashboards.widgets;
