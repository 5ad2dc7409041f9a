using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>Answers a failed request with its problem. What was expected is logged at Debug, what was not, once, at Error.</summary>
internal sealed class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var problem = ProblemMapper.From(IsMissingForm(httpContext, exception)
            ? new BadHttpRequestException("There is no form.", StatusCodes.Status415UnsupportedMediaType, exception)
            : exception);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            logger.RequestFailed(exception, httpContext.TraceIdentifier);
        }
        else
        {
            logger.RequestRefused(httpContext.TraceIdentifier, problem.Code);
        }

        await problem.WriteAsync(httpContext);
        return true;
    }

    // A form is bound without a look at the request, so one that says nothing of its content fails as if it were our fault.
    private static bool IsMissingForm(HttpContext context, Exception exception) =>
        exception is InvalidOperationException && !context.Request.HasFormContentType
        && context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes
            .Contains("multipart/form-data", StringComparer.OrdinalIgnoreCase) == true;
}
