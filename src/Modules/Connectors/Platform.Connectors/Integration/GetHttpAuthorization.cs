using FluentValidation;
using MediatR;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Integration;

internal sealed class GetHttpAuthorizationValidator : AbstractValidator<GetHttpAuthorizationQuery>
{
    public GetHttpAuthorizationValidator() => RuleFor(query => query.Url).NotEmpty().MaximumLength(4000);
}

internal sealed class GetHttpAuthorizationHandler(ConnectorOpener opener, HttpAuthenticator authenticator)
    : IRequestHandler<GetHttpAuthorizationQuery, HttpAuthorization>
{
    public async Task<HttpAuthorization> Handle(GetHttpAuthorizationQuery request, CancellationToken cancellationToken)
    {
        var connector = await opener.OpenAsync(request.ConnectorId, "query", cancellationToken);
        RuleViolationException.ThrowIf(
            connector.Type is not HttpConnector, "capability_missing", "Only an http connector can authorize a request.");
        var source = HttpSource.From(connector.Settings.Config);
        RuleViolationException.ThrowIf(
            !IsAtSource(request.Url, source.Url), "connector_origin_mismatch", "The address is not at the connector's own scheme, host and port.");
        return new HttpAuthorization(await ConnectorOpener.AsProblemAsync(
            () => authenticator.HeadersAsync(connector.Settings, source, cancellationToken)));
    }

    private static bool IsAtSource(string url, string sourceUrl) =>
        Uri.TryCreate(url, UriKind.Absolute, out var target)
        && Uri.TryCreate(HttpTemplate.FillUrl(sourceUrl, default), UriKind.Absolute, out var source)
        && Uri.Compare(target, source, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
