using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Steps;

/// <summary>How many mails the caller's workflows have sent since a time.</summary>
internal sealed record CountMailsQuery(DateTimeOffset Since) : IQuery<long>;

internal sealed class CountMailsHandler(WorkflowsDbContext db) : IRequestHandler<CountMailsQuery, long>
{
    public async Task<long> Handle(CountMailsQuery request, CancellationToken cancellationToken) =>
        (await db.Database
            .SqlQuery<long>(
                $"""
                select coalesce(sum((step.output ->> 'sent')::bigint), 0)::bigint as "Value" from workflows.execution_steps as step
                where step.user_id = (select auth.uid()) and step.type = 'send_email' and step.completed_at > {request.Since}
                """)
            .ToListAsync(cancellationToken))[0];
}
