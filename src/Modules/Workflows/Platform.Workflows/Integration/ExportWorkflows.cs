using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Workflows.Contracts.Queries;
using Platform.Workflows.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Workflows.Integration;

internal sealed class ExportWorkflowsHandler(WorkflowsDbContext db, ICurrentCaller caller) : IRequestHandler<ExportWorkflowsQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportWorkflowsQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'workflows', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from workflows.workflows as row where row.user_id = {caller.UserId}),
                'workflow_versions', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from workflows.workflow_versions as row where row.user_id = {caller.UserId}),
                'triggers', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['token_hash', 'secret_encrypted'] order by row.id), '[]')
                  from workflows.triggers as row where row.user_id = {caller.UserId}),
                'workflow_executions', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['lease_until', 'fence', 'available_at'] order by row.id), '[]')
                  from workflows.workflow_executions as row where row.user_id = {caller.UserId}),
                'execution_steps', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from workflows.execution_steps as row where row.user_id = {caller.UserId}),
                'payloads', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from workflows.payloads as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}
