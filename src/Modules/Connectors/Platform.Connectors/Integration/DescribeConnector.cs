using FluentValidation;
using MediatR;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Connectors;

namespace Platform.Connectors.Integration;

internal sealed class DescribeConnectorValidator : AbstractValidator<DescribeConnectorQuery>
{
    public DescribeConnectorValidator() => RuleFor(query => query.Search).MaximumLength(200);
}

internal sealed class DescribeConnectorHandler(ConnectorOpener opener) : IRequestHandler<DescribeConnectorQuery, ConnectorSchema>
{
    public async Task<ConnectorSchema> Handle(DescribeConnectorQuery request, CancellationToken cancellationToken)
    {
        var connector = await opener.OpenAsync(request.ConnectorId, "discover", cancellationToken);
        var tables = await ConnectorOpener.AsProblemAsync(
            () => connector.Type.DiscoverAsync(connector.Settings, request.Search, cancellationToken));
        return new ConnectorSchema([.. tables.Select(table => new ConnectorTable(
            table.Name, [.. table.Columns.Select(column => new ConnectorColumn(column.Name, column.Type, column.Nullable))]))]);
    }
}
