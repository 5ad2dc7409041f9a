using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Data;
using Platform.Dashboards.Domain.Parameters;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Parameters;

internal sealed class ListParameterOptionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/parameters/{name}/options", HandleAsync).WithName("ListParameterOptions")
            .WithSummary("Read what may be chosen for a parameter, given the values of those it depends on");

    private static async Task<Ok<ParameterOptionsResponse>> HandleAsync(
        Guid id, string name, DataRequest? body, IMediator mediator, ParameterOptions options, CancellationToken cancellationToken)
    {
        var request = DataRequest.Check(body);
        var board = await mediator.Send(new ReadBoardAsksQuery(id), cancellationToken);
        return TypedResults.Ok(await options.ReadAsync(board, name, request, cancellationToken));
    }
}

/// <summary>What may be chosen. <c>truncated</c> says that the query had more.</summary>
internal sealed record ParameterOptionsResponse(IReadOnlyList<ParameterOptionItem> Options, DateTimeOffset? AsOf, bool Truncated);

internal sealed record ParameterOptionItem(JsonElement Value, string Label);

/// <summary>Finds the options of an enum, or asks for those of a list.</summary>
internal sealed class ParameterOptions(BoardReader reader)
{
    public async Task<ParameterOptionsResponse> ReadAsync(
        BoardAsks board, string name, ViewerRequest request, CancellationToken cancellationToken)
    {
        var definition = ParameterDefinitions.Read(board.Config).FirstOrDefault(definition => definition.Name == name)
            ?? throw new NotFoundException("parameter_not_found", "The dashboard has no such parameter.");
        if (definition.Query is not { } query)
        {
            return new ParameterOptionsResponse(
                [.. definition.Options.Select(option => new ParameterOptionItem(option.Value, option.Label))], null, false);
        }

        var result = (await reader.ReadOptionsAsync(board, query, request, cancellationToken)).Result.ToResult();
        var options = result.Rows.EnumerateArray().Where(row => row.GetArrayLength() > 0)
            .Select(row => new ParameterOptionItem(row[0], (row.GetArrayLength() > 1 ? row[1] : row[0]).ToString()));
        return new ParameterOptionsResponse([.. options], result.AsOf, result.Truncated);
    }
}
