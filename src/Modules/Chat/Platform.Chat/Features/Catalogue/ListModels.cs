using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Providers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Catalogue;

internal sealed class ListModelsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/models", HandleAsync).WithName("ListChatModels").WithSummary("List the models that can answer");

    private static async Task<Ok<Page<ModelResponse>>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListModelsQuery(), cancellationToken));
}

internal sealed record ListModelsQuery : IQuery<Page<ModelResponse>>;

internal sealed record ModelResponse(string Id, string Name, string Provider, bool IsDefault);

internal sealed class ListModelsHandler(ChatModels models) : IRequestHandler<ListModelsQuery, Page<ModelResponse>>
{
    public Task<Page<ModelResponse>> Handle(ListModelsQuery request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<ModelResponse>(
            [.. models.All.Select(model => new ModelResponse(model.Id, model.Name, model.Provider, model == models.Default))], null));
}
