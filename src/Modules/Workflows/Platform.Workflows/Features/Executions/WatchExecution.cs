using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Engine;

namespace Platform.Workflows.Features.Executions;

internal sealed class WatchExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/events", HandleAsync).WithName("WatchExecution")
            .WithSummary("Watch an execution; Last-Event-ID resumes")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task HandleAsync(Guid id, IMediator mediator, EventStream events, HttpContext http)
    {
        await mediator.Send(new GetExecutionQuery(id), http.RequestAborted);
        await events.WriteAsync(http, ExecutionTopic.Of(id));
    }
}
