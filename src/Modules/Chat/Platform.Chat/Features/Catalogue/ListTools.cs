using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Tools;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Catalogue;

internal sealed class ListToolsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/tools", HandleAsync).WithName("ListChatTools").WithSummary("List the tools that a model can use for you");

    private static async Task<Ok<Page<ToolResponse>>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListToolsQuery(), cancellationToken));
}

internal sealed record ListToolsQuery : IQuery<Page<ToolResponse>>;

internal sealed record ToolResponse(string Name, string Description, JsonElement InputSchema, bool NeedsApproval);

internal sealed class ListToolsHandler(ChatTools tools) : IRequestHandler<ListToolsQuery, Page<ToolResponse>>
{
    public Task<Page<ToolResponse>> Handle(ListToolsQuery request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<ToolResponse>(
            [.. tools.All.Select(tool => new ToolResponse(tool.Name, tool.Description, tool.Schema, tool.NeedsApproval))], null));
}
